import TestSupport
import Testing

@testable import TrialAnalysis

/// The HELP trial's plan, carried out once for all tests.
enum HelpTrial {
  /// The directory of a fixture, from this file's place.
  static func fixture(_ name: String) -> String {
    let parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
    return parts.dropLast(3).joined(separator: "/") + "/Fixtures/" + name
  }

  static let outcome: Swift.Result<PlanRunner.Outcome, any Error> = Swift.Result {
    let directory = fixture("help")
    let plan = try PlanRunner.plan(path: directory + "/plan.yml")
    return try PlanRunner(plan: plan, dataDirectory: directory).run(codebook: directory + "/codebook.yml")
  }

  /// The only record with these names.
  static func record(
    _ analysis: String, _ measure: Result.Measure, variant: String? = nil, group: String? = nil,
    contrast: String? = nil, term: String? = nil, time: Double? = nil
  ) throws -> Result {
    let results = try outcome.get().run.results.filter {
      $0.analysis == analysis && $0.measure == measure && $0.variant == variant && $0.group == group
        && $0.contrast == contrast && $0.term == term && $0.time == time
    }
    #expect(results.count == 1)
    return try #require(results.first)
  }
}

/// Expects a number to be there and close to another.
func expectClose(
  _ value: Double?, _ expected: Double, relative: Double = 1e-10,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  guard let value else {
    Issue.record("no number, expected \(expected)", sourceLocation: sourceLocation)
    return
  }
  TestSupport.expectClose(value, expected, relative: relative, sourceLocation: sourceLocation)
}
