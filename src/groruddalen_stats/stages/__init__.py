"""The steps of the pipeline: each reads its inputs from disk and writes its outputs whole.

One module a step, so that an edit reruns the steps that run it and no other.
"""
