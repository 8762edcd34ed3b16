import Glibc
import Inference
import LinearAlgebra
import Probability
import Regression
import Resampling
import Serialisation

/// The bootstrap that checks the delta method of a two-part mean: both parts are fitted again to resampled units.
struct TwoPartMeanBootstrap: Sendable {
  private let data: RegressionData
  private let any: Matrix
  private let anyNames: [String]
  private let model: TwoPartMeanModel
  private let settings: [(any: Matrix, mean: Matrix)]
  private let strata: [[[Int]]]
  private let draws: Int
  private let seed: UInt64

  /// - Parameters:
  ///   - parts: the rows and designs.
  ///   - settings: the designs of all rows at each level of the variable standardised over.
  ///   - strata: the units, each a list of rows, that are drawn within each stratum.
  init(
    parts: TwoPartMeanReport.Parts, model: TwoPartMeanModel, settings: [(any: Matrix, mean: Matrix)],
    strata: [[[Int]]], draws: Int, seed: Int
  ) {
    data = parts.data
    any = parts.any.matrix
    anyNames = parts.any.columnNames
    self.model = model
    self.settings = settings
    self.strata = strata
    self.draws = draws
    self.seed = UInt64(seed)
  }

  /// The mean at each setting over the resampled rows; NaN where a part has no finite fit.
  private func means(_ replicate: Int) -> [Double] {
    var rows: [Int] = []
    rows.reserveCapacity(data.rowCount)
    for (number, stratum) in strata.enumerated() {
      var stream = RandomStream(seed: seed, purpose: "bootstrap/twopart", replicate: replicate, unit: number)
      for _ in stratum.indices { rows += stratum[stream.integer(below: stratum.count)] }
    }
    let sample = RegressionData(
      design: data.design.selecting(rows: rows), columnNames: data.columnNames,
      response: rows.map { data.response[$0] }, weights: data.weights.map { w in rows.map { w[$0] } },
      hasIntercept: data.hasIntercept)
    let missing = [Double](repeating: .nan, count: settings.count)
    guard
      let fit = try? model.fit(sample, anyDesign: any.selecting(rows: rows), anyNames: anyNames),
      fit.status == .ok
    else { return missing }
    let weights = sample.weights ?? [Double](repeating: 1, count: rows.count)
    let total = weights.reduce(0, +)
    return settings.map { setting in
      let prediction = fit.prediction(
        anyDesign: setting.any.selecting(rows: rows), meanDesign: setting.mean.selecting(rows: rows))
      return dot(weights, prediction.mean) / total
    }
  }

  /// The replicates, on every core; each has a stream of its own, so that their number does not matter.
  private func replicates() -> [[Double]] {
    let threads = min(coreCount, draws)
    let slots = ThreadSlots<[[Double]]>(count: threads)
    let source = self
    parallelLoop(threads) { thread in
      slots[thread] = stride(from: thread, to: source.draws, by: threads).map { source.means($0) }
    }
    return (0..<draws).map { slots[$0 % threads]![$0 / threads] }
  }

  /// The bootstrap's rows beside those of the delta method, and a warning where the two standard errors disagree.
  func check(_ delta: Standardisation, level: Double) -> (rows: [JSONValue], warnings: [String]) {
    let all = replicates()
    let levels = delta.rows.filter { $0.measure == .mean }.map(\.level)
    var rows: [JSONValue] = []
    var warnings: [String] = []
    for row in delta.rows {
      let place = levels.firstIndex(of: row.level)!
      let values = all.map { means in
        switch row.measure {
        case .difference: means[place] - means[0]
        case .ratio: means[place] / means[0]
        default: means[place]
        }
      }
      guard values.count(where: \.isFinite) > 1 else {
        warnings.append("bootstrap: fewer than two of \(draws) samples have a finite fit")
        return (rows, warnings)
      }
      let distribution = BootstrapDistribution(estimate: row.estimate, replicates: values)
      let limits = distribution.limits(.percentile, level: level)!
      let error = distribution.standardError
      rows.append([
        "measure": .string(row.measure.rawValue), "level": .string(row.level),
        "estimate": .number(Optional(row.estimate)), "bias": .number(Optional(distribution.bias)),
        "std.error": .number(Optional(error)), "conf.low": .number(Optional(limits.low)),
        "conf.high": .number(Optional(limits.high)), "draws": .integer(distribution.replicates.count),
        "failed": .integer(distribution.failed),
      ])
      if distribution.failed > 0, row.measure == .difference {
        warnings.append(
          "bootstrap: \(distribution.failed) of \(draws) samples have no finite fit and are left out")
      }
      // Beyond the error of a standard error from so few draws, SE/√(2 draws), and a tenth besides.
      if row.measure == .difference, let expected = row.standardError,
        abs(error - expected) > (0.1 + 3 / (2 * Double(draws)).squareRoot()) * expected
      {
        warnings.append(
          "bootstrap: the standard error of the difference is \(NumberText.significant(error, digits: 3)) against \(NumberText.significant(expected, digits: 3)) by the delta method"
        )
      }
    }
    return (rows, warnings)
  }
}
