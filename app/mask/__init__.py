"""The mask editor: a brush, shapes and more on a picture, and what joins it to the document."""
