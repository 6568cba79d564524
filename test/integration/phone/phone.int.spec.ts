import { jest } from '@jest/globals';
import './phone-in.js';
import './phone-out.js';
import './phone-refused.js';
import './phone-import.js';
import './phone-missed.js';

// One file: the services of these tests would be members of the same consumer groups, and take each other's requests.
jest.setTimeout(120_000);
