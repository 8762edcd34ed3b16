import Glibc
import LinearAlgebra

/// A variance or a covariance of a mixed model: a row of `as.data.frame(VarCorr(fit))`.
public struct VarianceComponent: Sendable, Equatable {
  /// The grouping, or `Residual`.
  public let group: String
  /// The column whose variance this is, or the first of a covariance; absent for the residual.
  public let term1: String?
  /// The second column of a covariance; absent for a variance.
  public let term2: String?
  /// The variance or covariance.
  public let covariance: Double
  /// The standard deviation or correlation; absent for a correlation with a variance of zero.
  public let sdOrCorrelation: Double?
}

/// The conditional modes of a term's random effects: what `ranef(fit, condVar = TRUE)` gives.
public struct RandomEffectModes: Sendable {
  /// The grouping.
  public let group: String
  /// The columns of the term.
  public let columnNames: [String]
  /// The levels of the grouping.
  public let levels: [String]
  /// The modes, levels × columns.
  public let estimates: Matrix
  /// Their conditional standard deviations given the estimated parameters, levels × columns.
  public let standardErrors: Matrix
}

extension RandomEffectsLayout {
  /// The variances and covariances in VarCorr's order: for each term its variances, then its covariances.
  ///
  /// - Parameter variance: σ², which the relative covariances are multiplied by; 1 in models without it.
  func varianceComponents(theta: [Double], variance: Double) -> [VarianceComponent] {
    terms.flatMap { term -> [VarianceComponent] in
      let factor = userFactor(of: term, theta: theta)
      let sigma = variance * Matrix.product(factor, factor, transposeSecond: true)
      let names = term.columnNames
      var rows = names.indices.map { i in
        VarianceComponent(
          group: term.group, term1: names[i], term2: nil, covariance: sigma[i, i],
          sdOrCorrelation: sigma[i, i].squareRoot())
      }
      for j in names.indices {
        for i in (j + 1)..<max(names.count, j + 1) {
          let scale = (sigma[i, i] * sigma[j, j]).squareRoot()
          rows.append(
            VarianceComponent(
              group: term.group, term1: names[j], term2: names[i], covariance: sigma[i, j],
              sdOrCorrelation: scale > 0 ? min(1, max(-1, sigma[i, j] / scale)) : nil))
        }
      }
      return rows
    }
  }

  /// What lies on its boundary, in words: variances of zero and correlations of ±1.
  func boundaryDescription(theta: [Double]) -> String {
    var found: [String] = []
    for term in terms {
      let diagonal = parameters[term.firstParameter..<(term.firstParameter + term.parameterCount)]
      let isOnBoundary = zip(diagonal, theta[term.firstParameter...]).contains { $0.isDiagonal && $1 < 1e-4 }
      guard isOnBoundary else { continue }
      let factor = userFactor(of: term, theta: theta)
      let sigma = Matrix.product(factor, factor, transposeSecond: true)
      let scales = term.transform.diagonal
      let zero = (0..<term.width).filter { sigma[$0, $0].squareRoot() < 1e-4 * abs(scales[$0]) }
      found += zero.map { "the variance of \(term.columnNames[$0]) by \(term.group) is estimated as zero" }
      let rest = (0..<term.width).filter { !zero.contains($0) }.map { term.columnNames[$0] }
      if rest.count > 1 {
        found.append(
          "the effects \(rest.joined(separator: " and ")) by \(term.group) are estimated as perfectly correlated"
        )
      }
    }
    return found.joined(separator: "; ")
  }

  /// Conditional modes on the scale of the user's columns.
  func userModes(_ blocks: [ConditionalModes], variance: Double) -> [RandomEffectModes] {
    terms.map { term in
      let block = self.blocks[term.block]
      let modes = blocks[term.block]
      let q = term.width
      let width = block.width
      let count = block.levels.count
      var estimates = Matrix(rows: count, columns: q)
      var errors = Matrix(rows: count, columns: q)
      for level in 0..<count {
        for i in 0..<q {
          var estimate = 0.0
          var square = 0.0
          for k in 0...i {
            let tk = term.transform[i, k]
            estimate += tk * modes.modes[term.offset + k, level]
            for l in 0...i {
              square +=
                tk * term.transform[i, l]
                * modes.covariances[term.offset + k + (term.offset + l) * width, level]
            }
          }
          estimates[level, i] = estimate
          errors[level, i] = (variance * max(square, 0)).squareRoot()
        }
      }
      return RandomEffectModes(
        group: term.group, columnNames: term.columnNames, levels: block.levels,
        estimates: estimates, standardErrors: errors)
    }
  }
}
