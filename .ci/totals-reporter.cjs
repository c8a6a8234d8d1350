'use strict';
const { writeFileSync } = require('node:fs');
const { reporters } = require('mocha');

/** mocha's own report for people, and the three numbers as JSON in the file that OPPSYNC_TEST_TOTALS names. */
class TotalsReporter extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    runner.once('end', () => {
      const file = process.env.OPPSYNC_TEST_TOTALS;
      const { passes, failures, pending } = this.stats;
      if (file) writeFileSync(file, JSON.stringify({ passed: passes, failed: failures, skipped: pending }));
    });
  }
}

module.exports = TotalsReporter;
