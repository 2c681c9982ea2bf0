#!/bin/sh
# Makes the .bin files of the programs in the folder given (default: this one). Needs gcc and GNU binutils for x86-64; gcc 12.2 has made those in the repository, by
# which building the SDK needs neither.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
out=${1:-$here}
for program in grow verity router sntp; do
    gcc -Os -std=gnu11 -Wall -Wextra -Werror -ffreestanding -fno-builtin -fno-strict-aliasing -fno-pic -fno-stack-protector -fno-asynchronous-unwind-tables -fcf-protection=none -mno-sse \
        -nostdlib -static -Wl,--build-id=none,-z,norelro,-z,noseparate-code -s -o "$out/$program.bin" "$here/$program.c"
    objcopy -R .comment -R .note.gnu.property "$out/$program.bin"
    chmod 644 "$out/$program.bin"
done
