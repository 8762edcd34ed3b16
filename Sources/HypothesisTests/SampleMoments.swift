import Glibc

/// The mean and variance of a sample, by two passes with a correction for rounding.
struct SampleMoments {
  let count: Int
  let mean: Double
  /// The sum of squared deviations from the mean.
  let squares: Double

  init(_ x: [Double]) {
    count = x.count
    let n = Double(x.count)
    let first = x.reduce(0, +) / n
    // The residual sum corrects the mean's own rounding (R's mean() does the same).
    mean = first + x.reduce(0) { $0 + ($1 - first) } / n
    let centre = mean
    squares = x.reduce(0) { $0 + ($1 - centre) * ($1 - centre) }
  }

  var variance: Double { squares / Double(count - 1) }
}

/// Throws where a sample holds a value that is not finite.
func checkFinite(_ x: [Double], _ what: String) throws(HypothesisTestError) {
  guard x.allSatisfy(\.isFinite) else { throw .argument("\(what) holds a value that is not finite") }
}
