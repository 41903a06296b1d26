// The page is whole without this: it finds an object by a word in the list of contents, and sorts a table by a column.
const plain = (text) => text.toLowerCase().normalize("NFKD").replace(/\p{M}/gu, "");
const find = document.querySelector("nav .find");
if (find) {
  find.hidden = false;
  find.querySelector("input").oninput = (event) => {
    const word = plain(event.target.value.trim());
    for (const item of document.querySelectorAll("nav li li")) item.hidden = !plain(item.textContent).includes(word);
  };
}
const comma = document.documentElement.lang === "nb";
const number = (cell) => {
  const text = (cell.querySelector(".value") ?? cell).textContent.replace(/[\s\u202f]/g, "").replace("\u2212", "-");
  const value = Number.parseFloat(comma ? text.replace(",", ".") : text.replaceAll(",", ""));
  return Number.isNaN(value) ? null : value;
};
for (const table of document.querySelectorAll("article table")) {
  const body = table.tBodies[0], heads = [...table.tHead.rows[0].cells];
  heads.slice(1).forEach((head, at) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...[...head.childNodes].filter((node) => node.nodeName !== "SUP"));
    head.prepend(button);
    button.onclick = () => {
      const up = head.ariaSort === "descending";
      for (const other of heads) other.removeAttribute("aria-sort");
      head.ariaSort = up ? "ascending" : "descending";
      const order = (one, other) => {
        const a = number(one.cells[at + 1]), b = number(other.cells[at + 1]);
        return a === null || b === null ? (a === null) - (b === null) : up ? a - b : b - a;
      };
      body.append(...[...body.rows].sort(order));
    };
  });
}
