"""An inspection: from the draw or the notice to the result, and what is still missing on the way."""
