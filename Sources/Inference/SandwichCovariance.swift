import LinearAlgebra

/// A heteroscedasticity-consistent covariance estimator, by how it rescales squared residuals.
///
/// MacKinnon & White, Some heteroskedasticity-consistent covariance matrix estimators with improved finite sample
/// properties, J. Econometrics 29 (1985), doi 10.1016/0304-4076(85)90158-7. R: `sandwich::vcovHC(type = )`.
public enum HeteroscedasticityCorrection: String, Sendable, CaseIterable {
  /// uᵢ², White's estimator.
  case hc0 = "HC0"
  /// uᵢ² n/(n − k).
  case hc1 = "HC1"
  /// uᵢ²/(1 − hᵢᵢ).
  case hc2 = "HC2"
  /// uᵢ²/(1 − hᵢᵢ)², close to the jackknife.
  case hc3 = "HC3"
}

/// The factor that multiplies the sum over clusters in a clustered sandwich.
public enum ClusterAdjustment: Sendable {
  /// None.
  case none
  /// G/(G − 1), what `sandwich::vcovCL` does for generalised linear models.
  case clusters
  /// G/(G − 1) · (n − 1)/(n − k), what `sandwich::vcovCL` and Stata do for least squares.
  case clustersAndResiduals
}

/// Robust ("sandwich") covariance of the coefficients of a regression on a design matrix, A M A.
///
/// A is the inverse of the information without its dispersion, (X'WX)⁻¹, and M the sum of outer products of the score
/// contributions uᵢxᵢ over rows, or of their sums over clusters. For least squares uᵢ = wᵢrᵢ; for a generalised linear
/// model uᵢ is the working weight times the working residual, so that the dispersion cancels.
/// Zeileis, Object-oriented computation of sandwich estimators, J. Stat. Software 16(9) (2006),
/// doi 10.18637/jss.v016.i09; Zeileis, Köll & Graham 95(1) (2020), doi 10.18637/jss.v095.i01.
public struct SandwichCovariance: Sendable {
  /// The estimable columns of the design, n × k, of rows with a positive weight.
  public let design: Matrix
  /// The factor uᵢ of each row's score contribution uᵢxᵢ.
  public let scores: [Double]
  /// The leverages hᵢᵢ of the weighted fit; only HC2 and HC3 read them.
  public let leverages: [Double]
  /// A, k × k.
  public let bread: Matrix

  /// Collects what a sandwich is made of.
  ///
  /// - Precondition: one score and one leverage a row, and a bread of the design's columns.
  public init(design: Matrix, scores: [Double], leverages: [Double], bread: Matrix) {
    precondition(
      scores.count == design.rows && leverages.count == design.rows,
      "\(scores.count) scores and \(leverages.count) leverages for \(design.rows) rows")
    precondition(
      bread.rows == design.columns && bread.isSquare,
      "a bread of order \(bread.rows) for \(design.columns) columns")
    self.design = design
    self.scores = scores
    self.leverages = leverages
    self.bread = bread
  }

  /// The covariance that allows every row its own variance.
  ///
  /// A row with leverage 1 leaves HC2 and HC3 undefined: their matrices then hold NaN, as in R.
  public func heteroscedasticityConsistent(
    _ correction: HeteroscedasticityCorrection
  ) -> CovarianceEstimate {
    let n = Double(design.rows)
    let k = Double(design.columns)
    let omega = scores.indices.map { i -> Double in
      let square = scores[i] * scores[i]
      let rest = 1 - leverages[i]
      return switch correction {
      case .hc0: square
      case .hc1: square * n / (n - k)
      case .hc2: square / rest
      case .hc3: square / (rest * rest)
      }
    }
    return CovarianceEstimate(
      design.gram(weights: omega).sandwiched(by: bread), kind: .robust(correction.rawValue))
  }

  /// The covariance that allows any dependence within clusters ("CR1" where adjusted).
  ///
  /// - Parameters:
  ///   - clusters: a code for each row; equal codes are one cluster.
  ///   - adjustment: the factor for few clusters.
  /// - Precondition: at least two clusters.
  public func clustered(by clusters: [Int], adjustment: ClusterAdjustment) -> CovarianceEstimate {
    Self.clustered(
      contributions: scoreContributions, bread: bread, clusters: clusters, adjustment: adjustment)
  }

  /// The n × k matrix of score contributions, row i being uᵢxᵢ.
  public var scoreContributions: Matrix {
    var result = design
    for j in 0..<design.columns {
      for i in 0..<design.rows { result[i, j] *= scores[i] }
    }
    return result
  }

  /// The clustered sandwich of any estimator by its score contributions.
  ///
  /// - Parameters:
  ///   - contributions: n × k, the gradient of each row's log-likelihood.
  ///   - bread: the inverse of the information on the same scale, k × k.
  ///   - clusters: a code for each row.
  ///   - adjustment: the factor for few clusters.
  public static func clustered(
    contributions: Matrix, bread: Matrix, clusters: [Int], adjustment: ClusterAdjustment
  ) -> CovarianceEstimate {
    precondition(
      clusters.count == contributions.rows,
      "\(clusters.count) cluster codes for \(contributions.rows) rows")
    // Clusters are numbered by first appearance: the codes themselves may be sparse.
    var place: [Int: Int] = [:]
    let group = clusters.map { code -> Int in
      if let known = place[code] { return known }
      place[code] = place.count
      return place.count - 1
    }
    let count = place.count
    precondition(count > 1, "a clustered sandwich of \(count) cluster")
    let k = contributions.columns
    var sums = Matrix(rows: count, columns: k)
    for j in 0..<k {
      for i in 0..<contributions.rows { sums[group[i], j] += contributions[i, j] }
    }
    let g = Double(count)
    let n = Double(contributions.rows)
    let factor =
      switch adjustment {
      case .none: 1.0
      case .clusters: g / (g - 1)
      case .clustersAndResiduals: g / (g - 1) * (n - 1) / (n - Double(k))
      }
    let kind: String = if case .none = adjustment { "CR0" } else { "CR1" }
    return CovarianceEstimate(
      (factor * sums.gram()).sandwiched(by: bread), kind: .clustered(kind))
  }
}
