# Reads the tidy file with base R: the population of Groruddalen's city districts, with their names in English.
# Run it beside the files, or give the folder: Rscript read.R report/data

given <- commandArgs(trailingOnly = TRUE)
folder <- if (length(given) > 0) given[1] else "."

# Codes such as 0301 begin with a zero: as text they keep it.
numbers <- read.csv(file.path(folder, "tidy.csv"), colClasses = "character", encoding = "UTF-8")
numbers$value <- as.numeric(numbers$value)
codebook <- read.csv(file.path(folder, "codebook.csv"), colClasses = "character", encoding = "UTF-8")

regions <- codebook[codebook$variable == "region" & codebook$code != "", ]
run <- numbers[numbers$edition == numbers$edition[1] & numbers$area == numbers$area[1], ]  # the report's own area
population <- run[run$object == "tabell_01", ]
population$name <- regions$en[match(population$region, regions$code)]
population$name <- factor(population$name, levels = unique(population$name))
print(xtabs(value ~ name + year, data = population))
