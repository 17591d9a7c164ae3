"""Products and their lives: versions read from facts, compared, and held against a dated table."""
