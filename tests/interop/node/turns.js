// Loaded before a program: says on stderr that timers run.
const fs = require('fs');
let turns = 0;
const timer = setInterval(() => {
  if (++turns < 5) return;
  clearInterval(timer);
  fs.writeSync(2, 'timers run\n');
}, 1);
