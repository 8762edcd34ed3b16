import Inference
import LinearAlgebra

extension Coefficient {
  /// The Wald rows of all coefficients; one that cannot be estimated keeps its place and has a name only.
  ///
  /// - Parameters:
  ///   - estimableColumns: the positions that `covariance` speaks of, ascending.
  static func waldTable(
    terms: [String], estimates: [Double?], estimableColumns: [Int], covariance: CovarianceEstimate,
    reference: Reference, level: Double
  ) -> [Coefficient] {
    var table = terms.map { Coefficient(term: $0) }
    for (j, error) in zip(estimableColumns, covariance.standardErrors) {
      guard let estimate = estimates[j] else { continue }
      table[j] = .wald(
        term: terms[j], estimate: estimate, standardError: error, reference: reference, level: level)
    }
    return table
  }
}

extension Matrix {
  /// Multiplies each row by its factor.
  mutating func scaleRows(by factors: [Double]) {
    let n = rows
    let p = columns
    storage.withUnsafeMutableBufferPointer { x in
      factors.withUnsafeBufferPointer { f in
        for j in 0..<p {
          for i in 0..<n { x[i + j * n] *= f[i] }
        }
      }
    }
  }
}
