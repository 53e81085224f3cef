gcc -o writer.exe writer.c -I"$PREFIX/include" -L"$PREFIX/lib" -lringbuf
gcc -o reader.exe reader.c -I"$PREFIX/include" -L"$PREFIX/lib" -lringbuf
gcc -o loadlibrary.exe loadlibrary.c -I"$PREFIX/include"
cp "$PREFIX/bin/ringbuf.dll" .
