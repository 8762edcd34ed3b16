import HypothesisTests
import Inference
import ModelFormula

/// Whether outcomes are missing more often in one arm than in another: attrition that may bias every comparison.
struct MissingByArm {
  let records: AllocationRecords
  let rows: [Int]
  let sequence: AllocationSequence
  let levels: CheckLevels

  /// Fisher's exact test (Freeman–Halton for several arms) for each outcome with Holm's adjustment.
  ///
  /// Missing outcomes tell of the follow-up, not of the randomisation: they warn, and fail no check.
  func check() -> RandomisationCheck {
    guard !records.outcomes.isEmpty else { return .notApplicable(.missingByArm, "no outcomes were named") }
    let tests = records.outcomes.map(test)
    let adjusted = MultiplicityAdjustment.holm.adjusted(
      tests.map(\.pValue), statistics: [], references: [], means: 0)
    let smallest = adjusted.indices.min { (adjusted[$0], $0) < (adjusted[$1], $1) }!
    let astray = adjusted.indices.filter { adjusted[$0] <= levels.warning }
    let missing = Set(astray.flatMap { tests[$0].missing }).map { records.lines[rows[$0]] }.sorted()
    let named = astray.isEmpty ? [smallest] : astray
    let details = named.map { outcome in
      records.outcomes[outcome].name + " missing "
        + zip(sequence.arms.codes, tests[outcome].counts).map { arm, pair in
          "\(pair.missing) of \(pair.all) \(arm)"
        }
        .joined(separator: ", ")
    }
    return .init(
      .missingByArm, astray.isEmpty ? .pass : .warn, statistic: Double(tests[smallest].missing.count),
      pValue: adjusted[smallest], rows: missing,
      details.joined(separator: "; ") + "; adjusted p = \(rounded(adjusted[smallest], 4))")
  }

  private func test(_ outcome: AllocationRecords.Variable) -> (
    pValue: Double, counts: [(missing: Int, all: Int)], missing: [Int]
  ) {
    let missing = rows.indices.filter { outcome.column.isMissing(at: rows[$0]) }
    let without = sequence.counts(of: missing)
    let all = sequence.counts
    let counts = zip(without, all).map { (missing: $0, all: $1) }
    let filled = counts.filter { $0.all > 0 }
    guard !missing.isEmpty, missing.count < rows.count, filled.count > 1,
      let table = try? ContingencyTable(filled.map { [$0.missing, $0.all - $0.missing] }),
      let test = try? table.fisherTest()
    else { return (1, counts, missing) }
    return (test.pValue, counts, missing)
  }
}
