import Glibc
import LinearAlgebra
import MissingData
import Probability
import TestSupport
import Testing

/// Two hundred participants: y = 1 + 2x + e, missing more often where x is large.
private func data() -> (x: [Double], full: [Double], y: [Double], ids: [String]) {
  var stream = RandomStream(seed: 11, purpose: "imputation test")
  let x = (0..<200).map { _ in stream.normal() }
  let full = x.map { 1 + 2 * $0 + stream.normal(sd: 0.5) }
  let y = zip(x, full).map { stream.uniform() < ($0 > 0.3 ? 0.7 : 0.1) ? .nan : $1 }
  return (x, full, y, (0..<200).map { "P\($0)" })
}

private func design(_ x: [Double]) -> Matrix {
  Matrix(columns: [[Double](repeating: 1, count: x.count), x])
}

@Test("Parameter draws have the posterior's mean and covariance")
func parameterDraws() throws {
  let (x, _, y, _) = data()
  let model = try LinearImputation(variable: "y", values: y, design: design(x))
  let draws = (0..<4000).map { model.parameters(imputation: $0, seed: 1) }
  let known = x.indices.filter { !y[$0].isNaN }
  let n = Double(known.count)
  let mx = known.reduce(0) { $0 + x[$1] } / n
  let my = known.reduce(0) { $0 + y[$1] } / n
  let sxx = known.reduce(0) { $0 + (x[$1] - mx) * (x[$1] - mx) }
  let slope = known.reduce(0) { $0 + (x[$1] - mx) * (y[$1] - my) } / sxx
  let rss = known.reduce(0) { sum, i in
    let e = y[i] - my - slope * (x[i] - mx)
    return sum + e * e
  }
  let slopes = draws.map { $0.coefficients[1] }
  let mean = slopes.reduce(0, +) / 4000
  let variance = slopes.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 3999
  let expected = rss / (n - 4) / sxx
  // 4000 draws: the mean is known to 1/63 of the standard deviation, the variance to 2.2 %.
  expectClose(mean, slope, absolute: 4 * (expected / 4000).squareRoot())
  expectClose(variance, expected, relative: 0.1)
}

@Test("Under missingness at random the imputed mean is near the true one, and the observed mean is not")
func recoversMean() throws {
  let (x, full, y, ids) = data()
  var imputation = MultipleImputation(seed: 5)
  imputation.imputations = 20
  let completed = try imputation.impute(
    [.init(name: "y", values: y)], predictors: design(x), participants: ids)
  let means = completed.map { $0[0].reduce(0, +) / 200 }
  let pooled = means.reduce(0, +) / 20
  let truth = full.reduce(0, +) / 200
  let known = y.filter { !$0.isNaN }
  expectClose(pooled, truth, absolute: 0.1)
  #expect(abs(known.reduce(0, +) / Double(known.count) - truth) > 0.4)
  for values in completed { #expect(zip(values[0], y).allSatisfy { $1.isNaN || $0 == $1 }) }
}

@Test("A participant's imputations do not depend on the order of the rows")
func rowOrder() throws {
  let (x, _, y, ids) = data()
  let z = zip(x, y).enumerated().map {
    $0.offset % 7 == 3 ? .nan : $0.element.0 - 0.3 * ($0.element.1.isNaN ? 0 : $0.element.1)
  }
  var imputation = MultipleImputation(seed: 5)
  imputation.imputations = 2
  imputation.cycles = 3
  func run(_ order: [Int]) throws -> [[[Double]]] {
    try imputation.impute(
      [.init(name: "y", values: order.map { y[$0] }), .init(name: "z", values: order.map { z[$0] })],
      predictors: design(order.map { x[$0] }), participants: order.map { ids[$0] })
  }
  let forward = try run(Array(0..<200))
  let backward = try run(Array((0..<200).reversed()))
  for m in 0..<2 {
    for v in 0..<2 { expectClose(backward[m][v].reversed(), forward[m][v], relative: 1e-9, absolute: 1e-10) }
  }
  #expect(forward[0] != forward[1])
}

@Test("More imputations leave the first ones as they were")
func prefix() throws {
  let (x, _, y, ids) = data()
  var imputation = MultipleImputation(seed: 5)
  imputation.imputations = 3
  let few = try imputation.impute([.init(name: "y", values: y)], predictors: design(x), participants: ids)
  imputation.imputations = 6
  let many = try imputation.impute([.init(name: "y", values: y)], predictors: design(x), participants: ids)
  #expect(Array(many.prefix(3)) == few)
}

@Test("Data on a line are imputed on the line")
func exactLine() throws {
  let x = (0..<12).map(Double.init)
  let y = x.map { $0 == 4 || $0 == 9 ? .nan : 3 - 0.5 * $0 }
  let completed = try MultipleImputation(seed: 2).impute(
    [.init(name: "y", values: y)], predictors: design(x), participants: x.map { "\($0)" })
  for values in completed { expectClose([values[0][4], values[0][9]], [1, -1.5], absolute: 1e-9) }
}

@Test("What cannot be imputed is refused")
func refused() {
  let short = [1, .nan, 2, .nan]
  #expect(throws: MissingDataError.tooFewObserved(variable: "y", observed: 2, needed: 3)) {
    try LinearImputation(variable: "y", values: short, design: design([1, 2, 3, 4]))
  }
  #expect(throws: MissingDataError.collinear(variable: "y")) {
    try LinearImputation(variable: "y", values: [1, 2, 3, .nan], design: design([5, 5, 5, 5]))
  }
  #expect(throws: MissingDataError.missingPredictor(variable: "y")) {
    try LinearImputation(variable: "y", values: [1, 2, 3, .nan], design: design([1, 2, 3, .nan]))
  }
  #expect(throws: MissingDataError.self) {
    try MultipleImputation(seed: 1).impute(
      [.init(name: "y", values: [1, 2, 3, 4])], predictors: design([1, 2, 3, 4]),
      participants: ["a", "b", "a", "c"])
  }
}
