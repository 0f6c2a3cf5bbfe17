#!/usr/bin/env bash
# ./run with the working folder as its data folder, so that a test does not touch the data of the checkout. A --data of the command has the last word.
exec "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../../../run" --data "$PWD" "$@"
