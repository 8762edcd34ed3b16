import Glibc
import LinearAlgebra

/// The working correlation of the observations of a subject in a GEE. Raw values are geepack's names.
public enum WorkingCorrelation: String, Sendable, CaseIterable {
  /// None.
  case independence
  /// One correlation α of any two.
  case exchangeable
  /// α to the power of the distance in the subject's order of rows.
  case ar1
  /// One correlation for each pair of places in the subject's order of rows.
  case unstructured
}

/// A working correlation with its parameters, and how it whitens a subject's rows.
struct FittedCorrelation {
  let structure: WorkingCorrelation
  /// α; for `unstructured` the pairs (1,2), (1,3), …, (2,3), … in geepack's order.
  let parameters: [Double]
  /// The lower Cholesky factor of an unstructured correlation: that of a subject with fewer rows is its leading block.
  private let factor: Matrix?

  /// Nil where the parameters do not make a positive definite correlation matrix.
  init?(_ structure: WorkingCorrelation, parameters: [Double], largest: Int) {
    self.structure = structure
    self.parameters = parameters
    var valid = true
    switch structure {
    case .independence: factor = nil
    case .exchangeable:
      factor = nil
      let alpha = parameters[0]
      valid = alpha < 1 && 1 + Double(largest - 1) * alpha > 0
    case .ar1:
      factor = nil
      valid = abs(parameters[0]) < 1
    case .unstructured:
      var r = Matrix.identity(largest)
      var k = 0
      for i in 0..<largest {
        for j in (i + 1)..<max(largest, i + 1) {
          r[i, j] = parameters[k]
          r[j, i] = parameters[k]
          k += 1
        }
      }
      factor = try? CholeskyFactor(of: r).lower
      valid = factor != nil
    }
    guard valid else { return nil }
  }

  /// Overwrites v with Wv, W'W = R⁻¹, for the rows of one subject.
  func whiten(_ v: UnsafeMutableBufferPointer<Double>) {
    let m = v.count
    switch structure {
    case .independence: return
    case .exchangeable:
      // R⁻¹ = (I − αJ/(1 + (m − 1)α))/(1 − α) has the symmetric root (I − cJ/m)/√(1 − α).
      let alpha = parameters[0]
      let c = 1 - ((1 - alpha) / (1 + Double(m - 1) * alpha)).squareRoot()
      let root = (1 - alpha).squareRoot()
      let shift = c * v.reduce(0, +) / Double(m)
      for i in 0..<m { v[i] = (v[i] - shift) / root }
    case .ar1:
      let alpha = parameters[0]
      let root = (1 - alpha * alpha).squareRoot()
      for i in stride(from: m - 1, to: 0, by: -1) { v[i] = (v[i] - alpha * v[i - 1]) / root }
    case .unstructured:
      let l = factor!
      for i in 0..<m {
        var sum = v[i]
        for k in 0..<i { sum -= l[i, k] * v[k] }
        v[i] = sum / l[i, i]
      }
    }
  }

  /// α from the standardised residuals, as geepack estimates it: pairs count equally, and the AR(1) equation
  /// Σ d α^(d−1)(z − α^d) = 0 over all pairs at distances d is solved.
  ///
  /// - Parameters:
  ///   - residuals: (y − μ)/√(φV), rows of a subject together.
  ///   - weights: prior weights; a pair counts by the product of its two.
  ///   - subjects: the rows of each subject.
  ///   - previous: the parameters before.
  ///   - lost: the number of coefficients to take off every number of pairs, and then AR(1) uses neighbours only, as SAS
  ///     GENMOD does; nil for geepack's estimates.
  static func estimate(
    _ structure: WorkingCorrelation, residuals: [Double], weights: [Double]? = nil, subjects: [Range<Int>],
    previous: [Double],
    lost: Int? = nil
  ) -> [Double] {
    let taken = Double(lost ?? 0)
    let largest = subjects.reduce(0) { max($0, $1.count) }
    // Weighted residuals and weights whose products are those of pairs.
    let counted = weights.map { w in residuals.indices.map { w[$0] * residuals[$0] } } ?? residuals
    func weight(_ i: Int) -> Double { weights?[i] ?? 1 }
    switch structure {
    case .independence: return []
    case .exchangeable:
      var sum = 0.0
      var pairs = 0.0
      for rows in subjects {
        var total = 0.0
        var squares = 0.0
        var weightTotal = 0.0
        var weightSquares = 0.0
        for i in rows {
          total += counted[i]
          squares += counted[i] * counted[i]
          weightTotal += weight(i)
          weightSquares += weight(i) * weight(i)
        }
        sum += (total * total - squares) / 2
        pairs += (weightTotal * weightTotal - weightSquares) / 2
      }
      return [pairs > taken ? sum / (pairs - taken) : 0]
    case .ar1:
      // Sums of products and numbers of pairs by distance are all the equation needs.
      var products = [Double](repeating: 0, count: max(largest, 1))
      var counts = products
      for rows in subjects {
        for i in rows {
          for j in (i + 1)..<max(rows.upperBound, i + 1) {
            products[j - i] += counted[i] * counted[j]
            counts[j - i] += weight(i) * weight(j)
          }
        }
      }
      if lost != nil { return [largest > 1 && counts[1] > taken ? products[1] / (counts[1] - taken) : 0] }
      var alpha = previous.first ?? 0
      for _ in 0..<100 {
        var score = 0.0
        var information = 0.0
        for d in 1..<max(largest, 1) where counts[d] > 0 {
          let slope = Double(d) * pow(alpha, Double(d - 1))
          score += slope * (products[d] - counts[d] * pow(alpha, Double(d)))
          information += counts[d] * slope * slope
        }
        guard information > 0 else { break }
        let next = min(max(alpha + score / information, -0.9999), 0.9999)
        let change = abs(next - alpha)
        alpha = next
        if change < 1e-15 { break }
      }
      return [alpha]
    case .unstructured:
      var products = [Double](repeating: 0, count: largest * (largest - 1) / 2)
      var counts = products
      for rows in subjects {
        for i in 0..<rows.count {
          var k = i * (2 * largest - i - 1) / 2
          for j in (i + 1)..<max(rows.count, i + 1) {
            products[k] += counted[rows.lowerBound + i] * counted[rows.lowerBound + j]
            counts[k] += weight(rows.lowerBound + i) * weight(rows.lowerBound + j)
            k += 1
          }
        }
      }
      return products.indices.map { counts[$0] > taken ? products[$0] / (counts[$0] - taken) : 0 }
    }
  }
}
