"""The law as data: instruments, versions, articles, and the duties that rest on them."""
