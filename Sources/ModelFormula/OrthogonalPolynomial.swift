/// Polynomials that are orthonormal over a set of points (R `poly`).
///
/// The monic polynomials follow p₀ = 1, pₖ₊₁(x) = (x − αₖ) pₖ(x) − (νₖ/νₖ₋₁) pₖ₋₁(x) with αₖ = Σ x pₖ²/νₖ and νₖ = Σ pₖ²
/// (Kennedy & Gentle, Statistical Computing, 1980, pages 343–344); each is then divided by √νₖ.
struct OrthogonalPolynomial: Sendable, Equatable {
  /// α₀ … of the recurrence, one a degree.
  let centres: [Double]
  /// ν₀ … , one more than the degrees.
  let squaredNorms: [Double]

  var degree: Int { centres.count }

  /// Finds the polynomials up to a degree over points without missing values; nil where the points are too few.
  init?(degree: Int, over points: [Double]) {
    guard Set(points).count > degree else { return nil }
    var centres: [Double] = []
    var norms = [Double(points.count)]
    var previous = [Double](repeating: 0, count: points.count)
    var current = [Double](repeating: 1, count: points.count)
    // Centred first: sums of squares about the mean lose fewest digits.
    let mean = ModelFormula.mean(points)
    for k in 0..<degree {
      let norm = norms[k]
      var moment = 0.0
      for i in points.indices { moment += (points[i] - mean) * current[i] * current[i] }
      let centre = moment / norm + mean
      let ratio = k == 0 ? 0 : norm / norms[k - 1]
      var next = [Double](repeating: 0, count: points.count)
      var nextNorm = 0.0
      for i in points.indices {
        next[i] = (points[i] - centre) * current[i] - ratio * previous[i]
        nextNorm += next[i] * next[i]
      }
      centres.append(centre)
      norms.append(nextNorm)
      previous = current
      current = next
    }
    self.centres = centres
    squaredNorms = norms
  }

  /// The polynomials of degree 1 and up at some points, one array a degree.
  func columns(at points: [Double]) -> [[Double]] {
    var previous = [Double](repeating: 0, count: points.count)
    var current = [Double](repeating: 1, count: points.count)
    return (0..<degree).map { k in
      let ratio = k == 0 ? 0 : squaredNorms[k] / squaredNorms[k - 1]
      var next = previous
      for i in points.indices {
        next[i] = (points[i] - centres[k]) * current[i] - ratio * previous[i]
      }
      previous = current
      current = next
      let length = squaredNorms[k + 1].squareRoot()
      return next.map { $0 / length }
    }
  }
}
