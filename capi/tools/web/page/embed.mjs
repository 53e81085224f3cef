// usage: embed.mjs OUTPUT FILE...
//
// Writes the files as a source file of C++: page_files() of ../page.hpp.
import { readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';

const [output, ...files] = process.argv.slice(2);
const types = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
};
const rows = [];
let text = '#include "page.hpp"\n\n#include <array>\n\nnamespace tool::web {\n\nnamespace {\n\n';
files.forEach((file, number) => {
  const bytes = readFileSync(file);
  const name = basename(file);
  text += `constexpr std::array<unsigned char, ${bytes.length}> bytes_${number}{`;
  bytes.forEach((byte, at) => {
    text += (at % 24 === 0 ? '\n' : '') + byte + ',';
  });
  text += '};\n\n';
  const path = name === 'index.html' ? '/' : `/${name}`;
  rows.push(
    `      PageFile{"${path}", "${types[name.split('.').pop()]}",\n` +
      `               {reinterpret_cast<const char *>(bytes_${number}.data()), bytes_${number}.size()}},\n`,
  );
});
text += `}  // namespace\n\nstd::span<const PageFile> page_files() noexcept {\n  static const std::array files{\n${rows.join('')}  };\n`;
text += '  return files;\n}\n\n}  // namespace tool::web\n';
writeFileSync(output, text);
