import LinearAlgebra

/// Covariance over clusters with small-sample corrections, and Satterthwaite degrees of freedom to go with it.
///
/// V = M [Σᵢ Xᵢ'WᵢAᵢ eᵢeᵢ'AᵢWᵢXᵢ] M with M = (X'WX)⁻¹ over clusters i. The adjustment matrices Aᵢ are multiples of the
/// identity for CR0 and CR1; for CR2 (bias-reduced linearisation) they make V unbiased under a working model with
/// variances Φ; for CR3 they give nearly the jackknife over clusters. Degrees of freedom of l'β match the first two
/// moments of l'Vl under the working model; tests of several contrasts are Hotelling's T² with degrees of freedom found in
/// the same way. Bell & McCaffrey, Survey Methodology 28 (2002); Pustejovsky & Tipton, J. Bus.
/// Econ. Stat. 36 (2018), doi 10.1080/07350015.2016.1247004. R: `clubSandwich::vcovCR`, `coef_test(test = "Satterthwaite")`,
/// `Wald_test(test = "HTZ")`.
public struct ClusterRobustCovariance: Sendable {
  /// The corrections, by the names of clubSandwich.
  public enum Correction: String, Sendable, CaseIterable {
    /// None.
    case cr0 = "CR0"
    /// G/(G − 1).
    case cr1 = "CR1"
    /// G/(G − p).
    case cr1p = "CR1p"
    /// G(n − 1)/((G − 1)(n − p)), Stata's and `sandwich::vcovCL`'s for least squares.
    case cr1s = "CR1S"
    /// Bias-reduced linearisation.
    case cr2 = "CR2"
    /// Approximately the jackknife.
    case cr3 = "CR3"
  }

  let design: Matrix
  private let residuals: [Double]
  let weights: [Double]
  let target: [Double]
  let bread: Matrix
  /// The rows of each cluster, clusters by first appearance.
  let groups: [[Int]]

  /// Collects what the covariance is made of.
  ///
  /// - Parameters:
  ///   - design: X, n × p, estimable columns only; of a generalised linear model dμ/dη times its design.
  ///   - residuals: y − μ.
  ///   - weights: the diagonal of W.
  ///   - target: the diagonal of the working covariance Φ.
  ///   - bread: M, p × p.
  ///   - clusters: a code for each row; equal codes are one cluster.
  public init(
    design: Matrix, residuals: [Double], weights: [Double], target: [Double], bread: Matrix, clusters: [Int]
  ) {
    precondition(
      [residuals.count, weights.count, target.count, clusters.count].allSatisfy { $0 == design.rows },
      "vectors that do not fit \(design.rows) rows")
    self.design = design
    self.residuals = residuals
    self.weights = weights
    self.target = target
    self.bread = bread
    var place: [Int: Int] = [:]
    var groups: [[Int]] = []
    for (row, code) in clusters.enumerated() {
      if let known = place[code] {
        groups[known].append(row)
      } else {
        place[code] = groups.count
        groups.append([row])
      }
    }
    self.groups = groups
  }

  /// The number of clusters G.
  public var clusterCount: Int { groups.count }

  /// What a correction makes of each cluster's rows: AᵢWᵢXᵢ, nᵢ × p.
  ///
  /// - Throws: `LinearAlgebraError` where a cluster's matrix has no decomposition.
  public func adjusted(_ correction: Correction) throws(LinearAlgebraError) -> Adjusted {
    let g = Double(groups.count)
    let n = Double(design.rows)
    let p = Double(design.columns)
    let factor: Double =
      switch correction {
      case .cr0, .cr2, .cr3: 1
      case .cr1: g / (g - 1)
      case .cr1p: g / (g - p)
      case .cr1s: g * (n - 1) / ((g - 1) * (n - p))
      }
    let isInverse = zip(weights, target).allSatisfy { abs($0 * $1 - 1) <= 1e-12 }
    let middle = design.gram(weights: weights.indices.map { weights[$0] * weights[$0] * target[$0] })
    var parts: [Matrix] = []
    for rows in groups {
      var x = design.selecting(rows: rows)
      if correction == .cr2 {
        x = try linearised(x, rows, isInverse ? nil : middle)
      } else if correction == .cr3 {
        x = try jackknifed(x, rows)
      } else {
        let root = factor.squareRoot()
        for j in 0..<x.columns { for (i, row) in rows.enumerated() { x[i, j] *= root * weights[row] } }
      }
      parts.append(x)
    }
    return Adjusted(source: self, correction: correction, parts: parts, middle: middle)
  }

  /// AWX of a cluster for CR2: A = U'B^(-1/2)U with U = Φ^(1/2) and B = U(Φ − XMX'WΦ − ΦWXMX' + XMΩMX')U', which is
  /// U(Φ − XMX')U' where W = Φ⁻¹. Directions that the cluster alone determines have no residual and are left out.
  private func linearised(
    _ x: Matrix, _ rows: [Int], _ middle: Matrix?
  ) throws(LinearAlgebraError) -> Matrix {
    let m = rows.count
    let xm = x * bread
    let hat = Matrix.product(xm, x, transposeSecond: true)
    let square = middle.map { Matrix.product(xm * $0, xm, transposeSecond: true) }
    var b = Matrix(rows: m, columns: m)
    for j in 0..<m {
      for i in 0..<m {
        let (wi, wj) = (weights[rows[i]] * target[rows[i]], weights[rows[j]] * target[rows[j]])
        var value = (i == j ? target[rows[i]] : 0)
        value += square.map { $0[i, j] - hat[i, j] * (wi + wj) } ?? -hat[i, j]
        b[i, j] = value * (target[rows[i]] * target[rows[j]]).squareRoot()
      }
    }
    let eigen = try SymmetricEigen(of: b)
    var scaled = Matrix(rows: m, columns: x.columns)
    for j in 0..<x.columns {
      for (i, row) in rows.enumerated() { scaled[i, j] = target[row].squareRoot() * weights[row] * x[i, j] }
    }
    var rotated = Matrix.product(eigen.vectors, scaled, transposeFirst: true)
    for i in 0..<m {
      let root = eigen.values[i] > 1e-12 ? 1 / eigen.values[i].squareRoot() : 0
      for j in 0..<x.columns { rotated[i, j] *= root }
    }
    var result = eigen.vectors * rotated
    for j in 0..<x.columns {
      for (i, row) in rows.enumerated() { result[i, j] *= target[row].squareRoot() }
    }
    return result
  }

  /// A'WX of a cluster for CR3: A = (I − XMX'W)⁻¹.
  private func jackknifed(_ x: Matrix, _ rows: [Int]) throws(LinearAlgebraError) -> Matrix {
    let m = rows.count
    var system = Matrix.product(x * bread, x, transposeSecond: true)
    for j in 0..<m {
      for i in 0..<m { system[i, j] = (i == j ? 1 : 0) - system[i, j] * weights[rows[j]] }
    }
    var scaled = x
    for j in 0..<x.columns { for (i, row) in rows.enumerated() { scaled[i, j] *= weights[row] } }
    let factor = try LUFactor(of: system.transposed())
    var result = scaled
    for j in 0..<x.columns { result.setColumn(j, factor.solve(scaled.column(j))) }
    return result
  }

  /// The rows of each cluster after a correction.
  public struct Adjusted: Sendable {
    let source: ClusterRobustCovariance
    private let correction: Correction
    let parts: [Matrix]
    let middle: Matrix

    init(source: ClusterRobustCovariance, correction: Correction, parts: [Matrix], middle: Matrix) {
      self.source = source
      self.correction = correction
      self.parts = parts
      self.middle = middle
    }

    /// The covariance of the coefficients.
    public var covariance: CovarianceEstimate {
      var sums = Matrix(rows: parts.count, columns: source.design.columns)
      for (g, part) in parts.enumerated() {
        let score = part.transposedTimes(source.groups[g].map { source.residuals[$0] })
        for j in score.indices { sums[g, j] = score[j] }
      }
      return CovarianceEstimate(
        sums.gram().sandwiched(by: source.bread), kind: .clustered(correction.rawValue))
    }
  }
}
