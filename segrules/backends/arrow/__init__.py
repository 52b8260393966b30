"""The Arrow engine: numpy over Arrow's own buffers, bit-packed and block by block."""
