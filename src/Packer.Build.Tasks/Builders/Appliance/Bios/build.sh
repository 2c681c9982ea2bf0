#!/bin/sh
# Assembles the boot code for a BIOS into the folder given (default: this one). Needs GNU binutils for x86.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
out=${1:-$here}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
assemble() {
    as --32 -o "$work/$1.o" "$here/$1.S"
    ld -m elf_i386 -Ttext "$2" -e _start --oformat binary -o "$out/$1.bin" "$work/$1.o"
}
assemble boot-sector 0x7c00
assemble loader 0x8000
