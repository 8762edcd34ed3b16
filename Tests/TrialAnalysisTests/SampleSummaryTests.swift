import TestSupport
import Testing

@testable import TrialAnalysis

@Suite("Summaries of a sample")
struct SampleSummaryTests {
  @Test("Quantiles of three definitions agree with R's quantile(type = )")
  func quantiles() {
    let summary = SampleSummary([3, 1, 4, 1, 5, 9, 2, 6, 5, 35])
    // quantile(c(3,1,4,1,5,9,2,6,5,35), c(.1,.25,.9), type = 7, 2, 6)
    let expected: [(SampleSummary.QuantileType, [Double])] = [
      (.type7, [1, 2.25, 11.6]), (.type2, [1, 2, 22]), (.type6, [1, 1.75, 32.4]),
    ]
    for (type, values) in expected {
      for (p, value) in zip([0.1, 0.25, 0.9], values) { expectClose(summary.quantile(p, type: type), value) }
    }
    #expect(SampleSummary([]).median == nil)
  }
}
