import Glibc
import TestSupport
import Testing

@testable import TrialBatch

@Suite("Summaries of simulated trials")
struct PowerSummaryTests {
  private func trial(_ number: Int, _ estimate: Double, se: Double, p: Double, usable: Bool = true)
    -> PowerStudy.Trial
  {
    PowerStudy.Trial(
      replicate: number,
      estimates: [
        PowerStudy.Estimate(
          id: "a/b/mean-difference", measure: "mean-difference", estimate: estimate, standardError: se,
          low: estimate - 2 * se, high: estimate + 2 * se, pValue: p, isUsable: usable)
      ])
  }

  /// Estimates 1, 2, 3, 6 with SE 1, limits ± 2; truth 2 ± 0.1. By hand: mean 3, s² = 14/3, coverage 3 of 4, rejection 2 of 4.
  @Test("bias, errors, coverage and power of four trials, by hand")
  func byHand() throws {
    let trials = [
      trial(0, 1, se: 1, p: 0.3), trial(1, 2, se: 1, p: 0.05), trial(2, 3, se: 1, p: 0.01),
      trial(3, 6, se: 1, p: 0.0001),
    ]
    let truth = PowerStudy.Trial(
      replicate: 0,
      estimates: [
        PowerStudy.Estimate(
          id: "a/b/mean-difference", measure: "mean-difference", estimate: 2, standardError: 0.1, low: 1.8,
          high: 2.2, pValue: 0, isUsable: true)
      ])
    let summary = try #require(
      PowerSummary.summaries(of: trials, truth: truth, scenario: .effect, alpha: 0.05, level: 0.95).first)
    let s = (14.0 / 3).squareRoot()
    expectClose(try #require(summary.bias).value, 1, relative: 1e-14)
    expectClose(try #require(summary.bias).error, (14.0 / 12 + 0.01).squareRoot(), relative: 1e-14)
    expectClose(try #require(summary.empiricalError).value, s, relative: 1e-14)
    expectClose(try #require(summary.empiricalError).error, s / 6.0.squareRoot(), relative: 1e-14)
    expectClose(try #require(summary.modelError).value, 1, relative: 1e-14)
    #expect(summary.modelError?.error == 0)
    #expect(summary.coverage?.value == 0.75)
    // p = 0.05 does not reject at the level 0.05.
    #expect(summary.rejection.value == 0.5)
    #expect(summary.rejection.error == 0.25)
  }

  @Test("a truth with limits alone has their error, and one without limits is none")
  func truthWithoutError() throws {
    let trials = [trial(0, 1, se: 1, p: 0.3), trial(1, 2, se: 1, p: 0.05)]
    func summary(low: Double?, high: Double?) throws -> PowerSummary {
      let truth = PowerStudy.Trial(
        replicate: 0,
        estimates: [
          PowerStudy.Estimate(
            id: "a/b/mean-difference", measure: "mean-difference", estimate: 2, low: low, high: high,
            isUsable: true)
        ])
      return try #require(
        PowerSummary.summaries(of: trials, truth: truth, scenario: .effect, alpha: 0.05, level: 0.95).first)
    }
    // R: qnorm(0.975) = 1.959963984540054
    let half = 1.959_963_984_540_054
    let known = try summary(low: 2 - 0.1 * half, high: 2 + 0.1 * half)
    expectClose(try #require(known.truth).error, 0.1, relative: 1e-12)
    expectClose(try #require(known.bias).error, (0.25 + 0.01).squareRoot(), relative: 1e-12)
    let unknown = try summary(low: nil, high: nil)
    #expect(unknown.truth == nil && unknown.bias == nil && unknown.coverage == nil)
  }

  @Test("a trial without a usable fit counts as neither rejecting nor covering")
  func failures() throws {
    let trials = [
      trial(0, 5, se: 1, p: 0.001), trial(1, 5.5, se: 1, p: 0.001, usable: false),
      PowerStudy.Trial(replicate: 2, estimates: [], failure: "no events"), trial(3, 0.5, se: 1, p: 0.6),
    ]
    let summary = try #require(
      PowerSummary.summaries(of: trials, truth: nil, scenario: .null, alpha: 0.05, level: 0.95).first)
    #expect(summary.failures == 2)
    #expect(summary.rejection.value == 0.25)
    #expect(summary.coverage?.value == 0.25)
  }

  @Test(
    "digits beyond the Monte-Carlo error are not printed",
    arguments: [
      (0.81234, 0.0123, "0.81"), (0.81234, 0.009, "0.812"), (12.3456, 0.4, "12.3"), (1234.5, 30, "1230"),
      (-0.00432, 0.0005, "-0.0043"),
    ])
  func digits(value: Double, error: Double, text: String) {
    #expect(SimulatedValue(value: value, error: error).text == text)
  }

  @Test(
    "a value is printed with its error, where it has one",
    arguments: [
      (0.81234, 0.0123, "0.81 (0.01)"), (1234.5, 30, "1230 (30)"), (-0.00432, 0.0005, "-0.0043 (0.0005)"),
      (1, 0, "1"), (.nan, 0.1, "–"),
    ])
  func errors(value: Double, error: Double, text: String) {
    #expect(SimulatedValue(value: value, error: error).textWithError == text)
  }
}
