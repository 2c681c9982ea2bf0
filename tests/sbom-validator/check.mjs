// Checks a bill of materials by the schema of CycloneDX 1.6, strictly, and prints "ok" or what is wrong.
// Usage: node check.mjs <file>
import { readFile } from 'node:fs/promises';
import { Spec, Validation } from '@cyclonedx/cyclonedx-library';

const validator = new Validation.JsonStrictValidator(Spec.Version.v1dot6);
const errors = await validator.validate(await readFile(process.argv[2], 'utf8'));
console.log(errors === null ? 'ok' : JSON.stringify(errors));
