// Loaded before a program: says on stderr when a timer has fired five times in a row without a call of the library between,
// neither one that waits nor one that asks again and again.
const fs = require('fs');
const koffi = require('koffi');
let calls = 0, callsSeen = 0, turns = 0;
const load = koffi.load;
koffi.load = (path) => {
  const library = load(path);
  return {
    func(...prototype) {
      const call = library.func(...prototype);
      return (...args) => {
        ++calls;
        return call(...args);
      };
    },
  };
};
const timer = setInterval(() => {
  turns = calls !== 0 && calls === callsSeen ? turns + 1 : 0;
  callsSeen = calls;
  if (turns < 5) return;
  clearInterval(timer);
  fs.writeSync(2, 'timers run\n');
}, 1);
