import LinearAlgebra

/// A B-spline basis, or the natural cubic spline basis derived from it (R `splines::bs` and `splines::ns`).
///
/// B-splines by the recurrence of de Boor (A Practical Guide to Splines, 1978, chapter X). The natural basis is the cubic
/// B-spline basis times the part of the orthogonal matrix Q that is orthogonal to the second derivatives at the two
/// boundary knots, C' = Q R (Hastie, in Chambers & Hastie 1992, chapter 7). Beyond the boundary knots `bs` continues its
/// polynomial pieces and `ns` is linear.
struct SplineBasis: Sendable, Equatable {
  /// The degree of the pieces; 3 for a natural spline.
  let degree: Int
  /// The knots inside the boundary, ascending.
  let knots: [Double]
  /// The boundary knots.
  let boundary: ClosedRange<Double>
  /// True for a natural cubic spline.
  let isNatural: Bool
  /// True where the basis spans the constant.
  let hasIntercept: Bool
  /// Boundary knots repeated `degree + 1` times around the inner knots.
  private let augmented: [Double]
  /// For a natural spline, the columns of Q that are kept: B-splines × basis.
  private let projection: Matrix?

  init(
    degree: Int, knots: [Double], boundary: ClosedRange<Double>, isNatural: Bool,
    hasIntercept: Bool
  ) {
    self.degree = degree
    self.knots = knots.sorted()
    self.boundary = boundary
    self.isNatural = isNatural
    self.hasIntercept = hasIntercept
    let repeated = degree + 1
    augmented =
      [Double](repeating: boundary.lowerBound, count: repeated) + self.knots
      + [Double](repeating: boundary.upperBound, count: repeated)
    projection =
      isNatural
      ? Self.naturalProjection(augmented: augmented, boundary: boundary, hasIntercept: hasIntercept)
      : nil
  }

  /// The number of columns.
  var count: Int {
    knots.count + degree + 1 - (hasIntercept ? 0 : 1) - (isNatural ? 2 : 0)
  }

  private static func naturalProjection(
    augmented: [Double], boundary: ClosedRange<Double>, hasIntercept: Bool
  ) -> Matrix {
    let first = hasIntercept ? 0 : 1
    let curvature = [boundary.lowerBound, boundary.upperBound].map { end in
      Array(values(of: augmented, order: 4, at: end, derivative: 2)[first...])
    }
    // Distinct boundary knots make the two rows of second derivatives independent and finite.
    guard let qr = try? PivotedQR(of: Matrix(columns: curvature), tolerance: 0) else {
      preconditionFailure("second derivatives of a spline basis that are not finite")
    }
    let size = curvature[0].count
    return Matrix(
      columns: (2..<max(size, 2)).map { j in
        var unit = [Double](repeating: 0, count: size)
        unit[j] = 1
        return qr.q(times: unit)
      }, rows: size)
  }

  /// The basis at some points, one array a column; a missing point has missing values.
  func columns(at points: [Double]) -> [[Double]] {
    let all = knots.count + degree + 1
    let first = hasIntercept ? 0 : 1
    var raw = Matrix(rows: points.count, columns: all - first)
    let n = points.count
    let below = extrapolation(beyond: boundary.lowerBound)
    let above = extrapolation(beyond: boundary.upperBound)
    raw.storage.withUnsafeMutableBufferPointer { out in
      var local = [Double](repeating: 0, count: degree + 1)
      for i in 0..<n {
        let x = points[i]
        if x.isNaN {
          for j in 0..<(all - first) { out[i + j * n] = .nan }
        } else if !boundary.contains(x) {
          let outside = x < boundary.lowerBound ? below : above
          for j in first..<all { out[i + (j - first) * n] = outside.value(ofColumn: j, at: x) }
        } else {
          let start = Self.fillLocal(&local, knots: augmented, order: degree + 1, at: x)
          for k in 0...degree where start + k >= first { out[i + (start + k - first) * n] = local[k] }
        }
      }
    }
    let basis = projection.map { raw * $0 } ?? raw
    return (0..<basis.columns).map(basis.column)
  }

  /// The polynomial that continues each B-spline beyond a boundary knot, as a Taylor series about a pivot.
  private struct Extrapolation {
    let pivot: Double
    /// `coefficients[d][j]`: the d-th derivative of column j at the pivot over d!.
    let coefficients: [[Double]]

    func value(ofColumn j: Int, at x: Double) -> Double {
      var sum = 0.0
      for d in coefficients.indices.reversed() { sum = sum * (x - pivot) + coefficients[d][j] }
      return sum
    }
  }

  private func extrapolation(beyond end: Double) -> Extrapolation {
    // A natural spline is linear from the boundary on. Otherwise the piece next to the boundary is continued; it is a
    // polynomial, so that any pivot inside the piece gives the same series.
    var pivot = end
    if !isNatural {
      let inner =
        end == boundary.lowerBound ? augmented[degree + 1] : augmented[knots.count + degree]
      pivot = 0.75 * end + 0.25 * inner
    }
    var factorial = 1.0
    let coefficients = (0...(isNatural ? 1 : degree)).map { d in
      if d > 0 { factorial *= Double(d) }
      return Self.values(of: augmented, order: degree + 1, at: pivot, derivative: d).map {
        $0 / factorial
      }
    }
    return Extrapolation(pivot: pivot, coefficients: coefficients)
  }

  /// The interval of knots that holds a point; the last interval is closed.
  private static func interval(of x: Double, in knots: [Double], order: Int) -> Int {
    var low = order - 1
    var high = knots.count - order
    if x >= knots[high] {
      // The last interval that is not empty.
      var last = high - 1
      while last > low, knots[last] == knots[last + 1] { last -= 1 }
      return last
    }
    while high - low > 1 {
      let middle = (low + high) / 2
      if x < knots[middle] { high = middle } else { low = middle }
    }
    return low
  }

  /// Fills the `order` B-splines that differ from zero at a point; returns the index of the first.
  private static func fillLocal(
    _ values: inout [Double], knots: [Double], order: Int, at x: Double
  ) -> Int {
    let interval = interval(of: x, in: knots, order: order)
    values[0] = 1
    for k in 1..<max(order, 1) {
      var carried = 0.0
      for r in 0..<k {
        let right = knots[interval + r + 1]
        let left = knots[interval + 1 - k + r]
        let share = values[r] / (right - left)
        values[r] = carried + (right - x) * share
        carried = (x - left) * share
      }
      values[k] = carried
    }
    return interval - order + 1
  }

  /// All B-splines of an order, or a derivative of theirs, at a point within the boundary.
  private static func values(
    of knots: [Double], order: Int, at x: Double, derivative: Int
  ) -> [Double] {
    let count = knots.count - order
    if derivative == 0 {
      var local = [Double](repeating: 0, count: order)
      let start = fillLocal(&local, knots: knots, order: order, at: x)
      var all = [Double](repeating: 0, count: count)
      for k in 0..<order { all[start + k] = local[k] }
      return all
    }
    guard order > 1 else { return [Double](repeating: 0, count: count) }
    // B' of order k: (k − 1) (Bᵢ/(tᵢ₊ₖ₋₁ − tᵢ) − Bᵢ₊₁/(tᵢ₊ₖ − tᵢ₊₁)) in B-splines of order k − 1.
    // Order k − 1 on the same knots has one function more; the outermost are zero, and the others are those on the knots without the ends.
    let inner = Array(knots[1..<(knots.count - 1)])
    let lower = [0] + values(of: inner, order: order - 1, at: x, derivative: derivative - 1) + [0]
    return (0..<count).map { i in
      let leftSpan = knots[i + order - 1] - knots[i]
      let rightSpan = knots[i + order] - knots[i + 1]
      let left = leftSpan > 0 ? lower[i] / leftSpan : 0
      let right = rightSpan > 0 ? lower[i + 1] / rightSpan : 0
      return Double(order - 1) * (left - right)
    }
  }
}
