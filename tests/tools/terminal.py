"""A terminal in which a test runs the command and reads the screen."""

import fcntl
import os
import pty
import struct
import termios

import pyte


class Terminal:
    def __init__(self, start, *words, columns=120, lines=30, **environment):
        self.screen = pyte.Screen(columns, lines)
        self.stream = pyte.ByteStream(self.screen)
        self.master, slave = pty.openpty()
        self.resize(columns, lines, None)
        self.before = termios.tcgetattr(slave)
        self.slave = slave
        env = {**os.environ, "TERM": "linux", "LC_ALL": "C.UTF-8", **environment}
        self.process = start(*words, stdin=slave, stdout=slave, env=env, start_new_session=True)

    def resize(self, columns, lines, signal_number):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        if signal_number:
            self.screen.resize(lines, columns)
            self.process.send_signal(signal_number)

    def until(self, shown):
        """Reads what is drawn until shown(lines) is true."""
        while not shown(self.screen.display):
            self.stream.feed(os.read(self.master, 65536))

    def press(self, key):
        os.write(self.master, key.encode())

    def close(self):
        """Closes it; whether its modes were as before."""
        after = termios.tcgetattr(self.slave)
        os.close(self.slave)
        os.close(self.master)
        return after == self.before
