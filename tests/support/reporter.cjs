// The spec reporter, closed by the plain line `N passed, N failed` that scripts read.
const { reporters } = require('mocha');

class PlainClose extends reporters.Spec {
  epilogue() {
    super.epilogue();
    const { passes, failures, pending } = this.stats;
    console.log(`${passes} passed, ${failures} failed${pending ? `, ${pending} skipped` : ''}`);
  }
}
module.exports = PlainClose;
