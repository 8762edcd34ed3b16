import Glibc
import LinearAlgebra

/// The independent columns of a design in an orthonormal basis, X = QR, scaled so that γ = Rβ/√n has the size of η.
///
/// An iteration on γ does not notice the units or the collinearity of the covariates; coefficients and covariance are
/// translated back at the end.
struct OrthonormalDesign: Sendable {
  /// The columns of the design that are independent, ascending; the order of β.
  let columns: [Int]
  /// √n Q, n × rank.
  let basis: Matrix
  private let triangle: PivotedQR
  private let scale: Double

  /// - Parameter tolerance: the share of a column's norm that must remain for it to count as independent.
  init(_ design: Matrix, tolerance: Double = 1e-11) throws(RegressionError) {
    let independent: [Int]
    do { independent = try PivotedQR(of: design, tolerance: tolerance).independentColumns } catch {
      throw .numerical(error)
    }
    guard !independent.isEmpty else { throw .noEstimableCoefficient }
    try self.init(design, independent: independent)
  }

  /// - Parameter independent: columns known to be independent, in the order β is to have.
  init(_ design: Matrix, independent columns: [Int]) throws(RegressionError) {
    self.columns = columns
    do { triangle = try PivotedQR(of: design.selecting(columns: columns), tolerance: 0) } catch {
      throw .numerical(error)
    }
    scale = Double(max(design.rows, 1)).squareRoot()
    basis = scale * triangle.thinQ
  }

  /// γ of β.
  func basisCoefficients(of beta: [Double]) -> [Double] { (triangle.r * beta).map { $0 / scale } }

  /// β of γ.
  func coefficients(of gamma: [Double]) -> [Double] { triangle.solveUpper(gamma.map { $0 * scale }) }

  /// log |X'X|.
  var logDeterminant: Double { triangle.r.diagonal.reduce(0) { $0 + 2 * log(abs($1)) } }

  /// The matrix that takes γ to β.
  var backTransform: Matrix {
    let k = columns.count
    return Matrix(
      columns: (0..<k).map { j in coefficients(of: (0..<k).map { $0 == j ? 1 : 0 }) }, rows: k)
  }
}
