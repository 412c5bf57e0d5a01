"""An example pack: one node, by the same door as the built-in ones."""

from sfumato import Pack

PACK = Pack(name="example", modules=("plugins.example.posterize",))
