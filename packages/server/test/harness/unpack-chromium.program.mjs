/** Unpacks the Chromium of the npm package, and its libraries, into TMPDIR. */
import chromium from '@sparticuz/chromium';

await chromium.executablePath();
