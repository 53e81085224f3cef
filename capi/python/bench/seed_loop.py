"""What the time of popmany is compared with: a circular buffer of integers whose write pointer stands behind the items in
shared memory, as bytes, and is read anew for each item. That is how the class works whose place SharedCircularBuffer takes."""

from __future__ import annotations

from multiprocessing import shared_memory
from typing import List, Optional


class PointerBuffer:
    """Both sides in one object."""

    def __init__(self, item_size: int, length: int) -> None:
        self.item_size = item_size
        self.size = item_size * length
        self.pointer_size = max(1, (self.size.bit_length() + 7) // 8)
        self.memory = shared_memory.SharedMemory(create=True, size=self.size + self.pointer_size)
        self.write_at = 0
        self.read_at = 0

    @property
    def written_to(self) -> int:
        return int.from_bytes(self.memory.buf[self.size : self.size + self.pointer_size], byteorder="big")

    @written_to.setter
    def written_to(self, at: int) -> None:
        self.memory.buf[self.size : self.size + self.pointer_size] = at.to_bytes(self.pointer_size, byteorder="big")

    def advance(self) -> Optional[int]:
        if self.read_at == self.written_to:
            return None
        at = self.read_at
        self.read_at = (at + self.item_size) % self.size
        return at

    def push(self, item: int) -> None:
        at = self.write_at
        self.write_at = (at + self.item_size) % self.size
        self.memory.buf[at : at + self.item_size] = item.to_bytes(self.item_size, byteorder="big")
        self.written_to = self.write_at

    def popitem(self) -> Optional[int]:
        at = self.advance()
        if at is None:
            return None
        return int.from_bytes(self.memory.buf[at : at + self.item_size], byteorder="big")

    def popmany(self, n: int) -> List[int]:
        items: List[int] = []
        for _ in range(n):
            item = self.popitem()
            if item is None:
                break
            items.append(item)
        return items

    def close(self) -> None:
        self.memory.close()
        self.memory.unlink()
