import LinearAlgebra

/// The covariance parameters on the scale on which they are profiled: for each term its standard deviations and partial
/// correlations, then σ.
///
/// With the columns of a term in a chosen order, the correlation matrix is R = LL' with L built row by row from partial
/// correlations z in (−1, 1): the first of them is the correlation of the first two columns, and every z gives a positive
/// definite R (Joe, J Multivar Anal 2006;97:2177–2189, doi 10.1016/j.jmva.2005.05.010).
struct VarianceScale {
  /// Standard deviations and partial correlations, term by term, and σ last.
  var values: [Double]
  private let units: [Double]
  private let isCorrelation: [Bool]
  /// The order of the columns of each term.
  private let orders: [[Int]]
  private let starts: [Int]

  init(_ layout: RandomEffectsLayout, theta: [Double], sigma: Double, orders given: [Int: [Int]]) {
    var values: [Double] = []
    var units: [Double] = []
    var isCorrelation: [Bool] = []
    var orders: [[Int]] = []
    var starts: [Int] = []
    for (t, term) in layout.terms.enumerated() {
      let order = given[t] ?? Array(0..<term.width)
      let factor = layout.userFactor(of: term, theta: theta)
      let covariance = (sigma * sigma) * Matrix.product(factor, factor, transposeSecond: true)
      let sds = order.map { covariance[$0, $0].squareRoot() }
      starts.append(values.count)
      orders.append(order)
      values += sds
      // A column of unit length on the layout's scale moves the response by σ.
      units += zip(order, sds).map { i, sd in max(sd, 0.1 * sigma * abs(term.transform[i, i])) }
      var correlation = Matrix.identity(term.width)
      for (a, i) in order.enumerated() {
        for (b, j) in order.enumerated() where a != b && sds[a] > 0 && sds[b] > 0 {
          correlation[a, b] = covariance[i, j] / (sds[a] * sds[b])
        }
      }
      let l = Self.lowerFactor(correlation)
      for i in 1..<max(term.width, 1) {
        var rest = 1.0
        for j in 0..<i {
          let z = rest > 1e-14 ? l[i, j] / rest.squareRoot() : 0
          values.append(min(max(z, -1), 1))
          units.append(1)
          rest -= l[i, j] * l[i, j]
        }
      }
      while isCorrelation.count < values.count {
        isCorrelation.append(isCorrelation.count - starts[t] >= term.width)
      }
    }
    self.values = values + [sigma]
    self.units = units + [sigma]
    self.isCorrelation = isCorrelation + [false]
    self.orders = orders
    self.starts = starts
  }

  func firstPlace(ofTerm t: Int) -> Int { starts[t] }
  /// What a parameter is measured in while it is searched for.
  func unit(_ k: Int) -> Double { units[k] }
  /// The bounds of a free parameter in its unit. σ stays above zero.
  func lower(_ k: Int) -> Double { isCorrelation[k] ? -1 : k == values.count - 1 ? 1e-3 : 0 }
  func upper(_ k: Int) -> Double { isCorrelation[k] ? 1 : .infinity }

  /// The layout's θ, and σ.
  func parameters(_ layout: RandomEffectsLayout) -> (theta: [Double], sigma: Double) {
    let sigma = values[values.count - 1]
    var theta: [Double] = []
    for (t, term) in layout.terms.enumerated() {
      let q = term.width
      var place = starts[t] + q
      var l = Matrix.identity(q)
      for i in 1..<max(q, 1) {
        var rest = 1.0
        for j in 0..<i {
          l[i, j] = values[place] * rest.squareRoot()
          rest = max(rest - l[i, j] * l[i, j], 0)
          place += 1
        }
        l[i, i] = rest.squareRoot()
      }
      var covariance = Matrix(rows: q, columns: q)
      let correlation = Matrix.product(l, l, transposeSecond: true)
      for (a, i) in orders[t].enumerated() {
        for (b, j) in orders[t].enumerated() {
          covariance[i, j] =
            correlation[a, b] * values[starts[t] + a] * values[starts[t] + b] / (sigma * sigma)
        }
      }
      let factor = Self.lowerFactor(covariance)
      for column in 0..<q {
        for row in column..<q { theta.append(factor[row, column]) }
      }
    }
    return (layout.layoutTheta(fromUser: theta), sigma)
  }

  /// The lower Cholesky factor of a matrix that may be singular: a pivot at rounding level makes its column zero.
  private static func lowerFactor(_ a: Matrix) -> Matrix {
    let q = a.rows
    var l = Matrix(rows: q, columns: q)
    for j in 0..<q {
      var pivot = a[j, j]
      for k in 0..<j { pivot -= l[j, k] * l[j, k] }
      guard pivot > 1e-14 * a[j, j] else { continue }
      l[j, j] = pivot.squareRoot()
      for i in (j + 1)..<max(q, j + 1) {
        var sum = a[i, j]
        for k in 0..<j { sum -= l[i, k] * l[j, k] }
        l[i, j] = sum / l[j, j]
      }
    }
    return l
  }
}
