import ModelFormula
import Resampling
import TrialData

/// The permutation test that an analysis of a plan may ask for: the arms are drawn anew within strata.
struct Permutation: Sendable {
  /// How many random assignments; all are enumerated where there are few.
  private let replicates: Int
  /// The variables within whose crossed levels the trial randomised.
  let strata: [Placed<String>]

  /// Reads `permutation` and `permutation-strata`; nil where no test is asked for.
  init?(_ mapping: YAMLMapping) {
    strata = mapping.names("permutation-strata")
    guard let count = mapping.integer("permutation", atLeast: 100) else { return nil }
    replicates = count
  }

  /// The test of each comparison of arms by the difference in means (of a 0/1 outcome: in risks).
  ///
  /// - Parameter values: one a participant, NaN where missing; those are left out.
  func records(
    _ values: [Double], _ analysis: AnalysisPlan, _ variant: AnalysisPlan.Variant, _ data: TrialFrames
  ) throws -> [Result] {
    let codes = data.armCodes
    let crossed = try strataCodes(data)
    let rows = data.rows(in: variant.set.value, file: nil).filter { !values[$0].isNaN }
    return data.comparisons.compactMap { comparison in
      let own = rows.filter { codes[$0] == 0 || codes[$0] == Int32(comparison.arm) }
      let isFirst = own.map { codes[$0] == Int32(comparison.arm) }
      guard isFirst.contains(true), isFirst.contains(false) else { return nil }
      var test = PermutationTest(
        seed: UInt64(data.plan.seed),
        purpose: "permutation/\(analysis.id.value)/\(variant.id ?? "")/\(comparison.difference)")
      test.replicates = replicates
      let outcome = test.differenceOfMeans(
        own.map { values[$0] }, isFirst: isFirst, strata: own.map { crossed[$0] })
      var record = analysis.record(
        .test, variant: variant, of: data, contrast: comparison.difference, term: "permutation")
      record.statistic = outcome.observed
      record.pValue = outcome.pValue
      record.n = own.count
      record.method = "permutation test of the difference in means"
      record.conventions = [
        .init(
          "assignments", outcome.isExact ? "all \(outcome.assignments)" : "\(outcome.assignments) at random"),
        .init("seed", String(data.plan.seed)),
        .init("strata", strata.isEmpty ? "none" : strata.map(\.value).joined(separator: ", ")),
      ].sorted()
      if !outcome.isExact {
        record.standardError = nil
        record.conventions =
          (record.conventions + [
            .init("Monte Carlo error of p", Self.rounded(outcome.monteCarloError))
          ]).sorted()
      }
      return record
    }
  }

  /// An error to two digits, as text.
  private static func rounded(_ error: Double) -> String {
    guard error > 0 else { return "0" }
    var scale = 1.0
    while error * scale < 10 { scale *= 10 }
    return ((error * scale).rounded() / scale).description
  }

  /// Each participant's stratum.
  private func strataCodes(_ data: TrialFrames) throws -> [Int] {
    let count = data.participants.rowCount
    var names = [[String]](repeating: [], count: count)
    for name in strata {
      let column = try data.column(name, file: nil)
      guard case .categorical(let codes, let levels) = column.asCategorical else { continue }
      for row in 0..<count { names[row].append(codes[row] < 0 ? "" : levels[Int(codes[row])]) }
    }
    // Numbered in the order of their names, so that the order of the rows does not matter.
    let all = Set(names).sorted { $0.lexicographicallyPrecedes($1) }
    let place = Dictionary(uniqueKeysWithValues: all.enumerated().map { ($0.element, $0.offset) })
    return names.map { place[$0]! }
  }
}
