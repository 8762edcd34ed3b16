import Glibc
import LinearAlgebra

/// The fixed effects of a mixed model on an orthonormal basis of their weighted design.
///
/// With W^½X = Q R the criterion is computed for Q and the least-squares residual of the response, whose cross-products
/// are well conditioned whatever the covariates are (raw polynomials, calendar years); coefficients come back as
/// R⁻¹(Q'y + b). Columns are pivoted as in R's `lm`: of a collinear set the later ones are aliased.
struct FixedEffectsBasis: Sendable {
  /// The number of columns of X.
  let columnCount: Int
  /// The columns of X that can be estimated, ascending.
  let estimable: [Int]
  /// The columns that cannot.
  let aliased: [Int]
  /// Q and, last, the least-squares residual of the weighted response: n × (p + 1).
  let columns: Matrix
  /// The map from coefficients on Q to those of the estimable columns in X's order, p × p.
  let toEstimable: Matrix
  /// Q'y.
  let effects: [Double]
  /// log |X'WX| over the estimable columns: what a restricted likelihood adds to that on Q.
  let logDeterminant: Double

  /// The number of estimable coefficients.
  var rank: Int { estimable.count }

  init(design: Matrix, response: [Double], rootWeights: [Double]) throws(MixedModelError) {
    let n = design.rows
    var weighted = design
    for j in 0..<design.columns {
      for i in 0..<n { weighted.storage[i + j * n] *= rootWeights[i] }
    }
    let qr: PivotedQR
    do { qr = try PivotedQR(of: weighted) } catch { throw .linearAlgebra(error) }
    let p = qr.rank
    let y = zip(response, rootWeights).map { $0 * $1 }
    var rotated = qr.transposedQ(times: y)
    effects = Array(rotated[0..<p])
    for k in 0..<p { rotated[k] = 0 }
    let residual = qr.q(times: rotated)
    columns = qr.thinQ.appending(columnsOf: Matrix(columns: [residual], rows: n))
    columnCount = design.columns
    estimable = qr.independentColumns
    aliased = qr.aliasedColumns
    let inverse = Matrix(
      columns: (0..<p).map { k in
        var unit = [Double](repeating: 0, count: p)
        unit[k] = 1
        return qr.solveUpper(unit)
      }, rows: p)
    let kept = Array(qr.pivot[0..<p])
    toEstimable = inverse.selecting(rows: kept.indices.sorted { kept[$0] < kept[$1] })
    var sum = 0.0
    let r = qr.r
    for k in 0..<p { sum += log(abs(r[k, k])) }
    logDeterminant = 2 * sum
  }

  /// The sum of squares of the least-squares residual.
  var residualSumOfSquares: Double {
    let e = columns.column(rank)
    return dot(e, e)
  }

  /// The coefficients of the estimable columns from those on the basis (relative to least squares).
  func coefficients(_ onBasis: [Double]) -> [Double] {
    toEstimable * zip(effects, onBasis).map { $0 + $1 }
  }

  /// A covariance matrix of the basis' coefficients as one of the estimable columns'.
  func covariance(_ onBasis: Matrix) -> Matrix { onBasis.sandwiched(by: toEstimable) }
}
