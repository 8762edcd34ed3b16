import LinearAlgebra

/// Directions in which the likelihood of a binomial or count model rises for ever, found exactly.
///
/// Along β a likelihood never falls, and somewhere rises, iff x'β ≤ 0 wherever y = 0, x'β ≥ 0 wherever y is a sure
/// success, x'β = 0 wherever both outcomes occurred (or a count is positive), and not all are 0 (Albert & Anderson,
/// Biometrika 71 (1984), doi 10.1093/biomet/71.1.1; for counts Correia, Guimarães & Zylkin, Stata J. 20 (2020)).
/// Konis (thesis, Oxford 2007) asks a linear programme; here the question is a non-negative least-squares problem.
/// Write zᵢ = ±xᵢ for the rows with an inequality and c = Σzᵢ. By Stiemke's theorem no direction exists iff c + Z'u = 0
/// for some u ≥ 0; and where none does, the residual r = c + Z'u of least distance is itself a direction, Zr ≥ 0. The
/// active-set method of Lawson & Hanson (Solving Least Squares Problems, 1974, chapter 23) ends after finitely many steps
/// and solves systems of the order of p only.
struct Separation: Sendable {
  /// The rows that a direction predicts perfectly, ascending.
  var rows: [Int]
  /// The columns whose coefficients are infinite, ascending.
  var infiniteColumns: [Int]
  /// For each of `infiniteColumns` the sign of its limit; 0 where the data leave it open.
  var signs: [Int]

  /// Which side of zero a row's linear predictor may move to without loss.
  private enum Side: Double {
    case up = 1
    case down = -1
    case fixed = 0
  }

  /// True where a maximum at infinity is conceivable: probabilities and log-linear means.
  private static func isPossible(_ family: Family, _ link: Link) -> Bool {
    switch family {
    case .binomial, .quasibinomial: link != .identity
    case .poisson, .quasipoisson, .negativeBinomial: link == .log
    case .gaussian, .gamma, .inverseGaussian: false
    }
  }

  private static func side(_ y: Double, _ family: Family, _ link: Link) -> Side {
    if y == 0 { return .down }
    return family.isBinomial && link != .log && y == 1 ? .up : .fixed
  }

  /// True where the score at some coefficients proves that the maximum is finite.
  ///
  /// The score contributions sᵢ = W r are strictly positive along zᵢ, and X's is nearly zero: it becomes exactly zero
  /// when each is changed by its share WᵢΔηᵢ of the next scoring step. As long as that leaves every sᵢ its sign, they
  /// are the positive combination with Z's = 0 that Stiemke's theorem asks for. No leverage exceeds 1, so that
  /// (WᵢΔηᵢ)² ≤ Wᵢ δ with δ the decrement of the step: where every Pearson residual is larger than 2√δ, the proof is done.
  /// Otherwise it costs one pass over the rows.
  ///
  /// - Parameters:
  ///   - pass: the kernel's last pass.
  ///   - step: the next scoring step.
  static func isExcluded(by kernel: ScoringKernel, after pass: ScoringKernel.Pass, step: [Double]) -> Bool {
    guard isPossible(kernel.family, kernel.link) else { return true }
    let decrement = dot(step, pass.score)
    if decrement >= 0, pass.leastPearson > 4 * max(decrement, 1e-20) { return true }
    return kernel.allRows(step: step) { y, mean, slope, change in
      side(y, kernel.family, kernel.link) == .fixed || abs(slope * change) < 0.5 * abs(y - mean)
    }
  }

  /// Looks for directions; nil where the maximum is finite.
  ///
  /// - Parameters:
  ///   - data: rows with a positive prior weight.
  ///   - columns: linearly independent columns of the design.
  static func find(
    in data: RegressionData, columns: [Int], family: Family, link: Link
  ) throws(RegressionError) -> Separation? {
    guard isPossible(family, link), !columns.isEmpty else { return nil }
    let sides = data.response.map { side($0, family, link) }
    guard sides.contains(where: { $0 != .fixed }) else { return nil }
    let qr: PivotedQR
    do {
      qr = try PivotedQR(of: data.design.selecting(columns: columns), tolerance: 1e-11)
    } catch { throw .numerical(error) }
    // In an orthonormal basis of the columns angles between rows do not depend on units or collinearity.
    let q = qr.thinQ
    var basis = try nullSpace(ofRows: sides.indices.filter { sides[$0] == .fixed }, of: q)
    guard basis.columns > 0 else { return nil }

    var open = sides.indices.filter { sides[$0] != .fixed }
    var found: [[Double]] = []
    var separated: [Int] = []
    while !open.isEmpty {
      let projected = q.selecting(rows: open) * basis
      let rows = open.indices.map { k -> [Double]? in
        let row = projected.row(k)
        let length = dot(row, row).squareRoot()
        let whole = q.row(open[k])
        guard length > 1e-9 * dot(whole, whole).squareRoot() else { return nil }
        let sign = sides[open[k]].rawValue
        return row.map { sign * $0 / length }
      }
      guard let direction = try direction(rows) else { break }
      found.append(basis * direction)
      let gone = open.indices.filter { i in rows[i].map { dot($0, direction) > 1e-7 } ?? false }
      guard !gone.isEmpty else { break }
      separated += gone.map { open[$0] }
      let removed = Set(gone)
      open = open.indices.filter { !removed.contains($0) }.map { open[$0] }
    }
    guard !separated.isEmpty else { return nil }
    let remaining = Set(separated)
    basis = try nullSpace(ofRows: sides.indices.filter { !remaining.contains($0) }, of: q)
    return describe(basis: basis, directions: found, qr: qr, columns: columns, rows: separated.sorted())
  }

  /// An orthonormal basis of the vectors that are orthogonal to the chosen rows.
  private static func nullSpace(
    ofRows rows: [Int], of q: Matrix
  ) throws(RegressionError) -> Matrix {
    guard !rows.isEmpty else { return .identity(q.columns) }
    do {
      let eigen = try SymmetricEigen(of: q.selecting(rows: rows).gram())
      return eigen.vectors.selecting(columns: eigen.values.indices.filter { eigen.values[$0] < 1e-14 })
    } catch { throw .numerical(error) }
  }

  /// The unit vector r with zᵢ'r ≥ 0 for all rows that is nearest to Σzᵢ; nil where only 0 is one.
  private static func direction(_ rows: [[Double]?]) throws(RegressionError) -> [Double]? {
    let z = rows.compactMap { $0 }
    guard let m = z.first?.count else { return nil }
    var c = [Double](repeating: 0, count: m)
    for row in z {
      for j in 0..<m { c[j] += row[j] }
    }
    let size = max(dot(c, c).squareRoot(), 1)
    var passive: [Int] = []
    var u: [Double] = []
    var r = c
    for _ in 0..<(60 * m + 200) {
      let length = dot(r, r).squareRoot()
      guard length > 1e-8 * size else { return nil }
      var worst = -1
      var depth = 1e-9 * length
      let held = Set(passive)
      for i in z.indices where !held.contains(i) {
        let w = -dot(z[i], r)
        if w > depth {
          depth = w
          worst = i
        }
      }
      if worst < 0 { return r.map { $0 / length } }
      passive.append(worst)
      u.append(0)
      try settle(&passive, &u, z: z, c: c)
      r = c
      for (k, i) in passive.enumerated() {
        for j in 0..<m { r[j] += u[k] * z[i][j] }
      }
    }
    return nil
  }

  /// The inner loop of Lawson and Hanson: least squares on the passive set, dropping what turns negative.
  private static func settle(
    _ passive: inout [Int], _ u: inout [Double], z: [[Double]], c: [Double]
  ) throws(RegressionError) {
    while !passive.isEmpty {
      let s: [Double]
      do {
        let qr = try PivotedQR(of: Matrix(columns: passive.map { z[$0] }), tolerance: 1e-12)
        s = qr.coefficients(for: c.map { -$0 }).map { $0 ?? 0 }
      } catch { throw .numerical(error) }
      if s.allSatisfy({ $0 > 0 }) {
        u = s
        return
      }
      var fraction = 1.0
      for k in s.indices where s[k] <= 0 { fraction = min(fraction, u[k] / (u[k] - s[k])) }
      if !fraction.isFinite { fraction = 0 }
      for k in u.indices { u[k] += fraction * (s[k] - u[k]) }
      let kept = u.indices.filter { u[$0] > 1e-300 && (s[$0] > 0 || u[$0] > 1e-14) }
      passive = kept.map { passive[$0] }
      u = kept.map { u[$0] }
    }
  }

  /// Translates directions from the orthonormal basis to coefficients.
  private static func describe(
    basis: Matrix, directions: [[Double]], qr: PivotedQR, columns: [Int], rows: [Int]
  ) -> Separation {
    func coefficients(_ direction: [Double]) -> [Double] {
      let solved = qr.solveUpper(direction)
      var result = [Double](repeating: 0, count: columns.count)
      for k in 0..<qr.rank { result[qr.pivot[k]] = solved[k] }
      // Judged on the scale of each column, so that units do not decide what counts as zero.
      let lengths = qr.r.columnLengths
      var largest = 0.0
      for k in 0..<qr.rank {
        result[qr.pivot[k]] *= lengths[k]
        largest = max(largest, abs(result[qr.pivot[k]]))
      }
      return result.map { abs($0) > 1e-7 * largest ? $0 : 0 }
    }
    let spread = (0..<basis.columns).map { coefficients(basis.column($0)) }
    let moved = directions.map(coefficients)
    let infinite = columns.indices.filter { j in spread.contains { $0[j] != 0 } }
    let signs = infinite.map { j -> Int in
      guard let value = moved.lazy.map({ $0[j] }).first(where: { $0 != 0 }) else { return 0 }
      return value > 0 ? 1 : -1
    }
    return Separation(rows: rows, infiniteColumns: infinite.map { columns[$0] }, signs: signs)
  }
}

extension Matrix {
  /// The Euclidean length of each column.
  fileprivate var columnLengths: [Double] {
    (0..<columns).map { j in
      let column = self.column(j)
      return dot(column, column).squareRoot()
    }
  }
}
