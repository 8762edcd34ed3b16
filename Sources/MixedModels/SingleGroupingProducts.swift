import Glibc
import LinearAlgebra

/// The cross-products of a model whose random effects have one grouping, collapsed over levels with equal Z'Z.
///
/// V is block-diagonal over the levels, and a level enters through A = Z'Z (q × q) and c = Z'M (q × w) alone. Levels that
/// share A, such as all persons seen at the same visits, share the factor of Ω = Λ'AΛ + I, so of them only the sums
/// Σ cₖ cₗ' over the levels are kept: an evaluation costs as many small factorisations as there are patterns, however
/// many persons there are. A pattern of few levels keeps their c instead.
struct SingleGroupingProducts: PenalisedLeastSquares {
  /// Levels with one Z'Z.
  private struct Pattern {
    /// The first level that has it.
    let level: Int
    var members: [Int]
    /// The place of the pattern's Σ cₖcₗ' in `pairs`; nil where the members are used one by one.
    var pairsOffset: Int?
  }

  let width: Int
  private let q: Int
  private let levelCount: Int
  private let parameters: [RandomEffectsLayout.Parameter]
  /// A of every level, q × q each.
  private let a: [Double]
  /// c of every level, q × w each, column-major.
  private let c: [Double]
  private var patterns: [Pattern] = []
  /// For a collapsed pattern and k ≥ l: Σ cₖcₗ' (k = l), Σ (cₖcₗ' + cₗcₖ') (k > l); w × w, lower triangle.
  private var pairs: [Double] = []
  /// M'M.
  private let gram: Matrix
  // Scratch of one level: Ω and its factor, L⁻¹Λ', L⁻¹Λ'c.
  private var omega: [Double]
  private var half: [Double]
  private var product: [Double]

  /// Sums the cross-products.
  ///
  /// - Parameters:
  ///   - block: the only block of the layout.
  ///   - m: the basis and the response, already weighted, n × w.
  init(
    block: RandomEffectsLayout.Block, parameters: [RandomEffectsLayout.Parameter],
    basis m: Matrix, rootWeights: [Double]
  ) {
    let q = block.width
    let w = m.columns
    let n = m.rows
    let levels = block.levels.count
    self.q = q
    width = w
    levelCount = levels
    self.parameters = parameters
    let design = block.design.storage
    var z = [Double](repeating: 0, count: n * q)
    for k in 0..<q {
      for i in 0..<n { z[i + k * n] = design[i + k * n] * rootWeights[i] }
    }
    let a = Self.sums(z, q, z, q, rows: n, codes: block.codes, levels: levels)
    let c = Self.sums(z, q, m.storage, w, rows: n, codes: block.codes, levels: levels)
    self.a = a
    self.c = c
    gram = m.gram()
    omega = [Double](repeating: 0, count: q * q)
    half = [Double](repeating: 0, count: q * q)
    product = [Double](repeating: 0, count: q * w)
    findPatterns()
    collapse()
  }

  /// For every level Σ xᵢyᵢ' over its rows: columns of x × columns of y, level after level.
  private static func sums(
    _ x: [Double], _ xColumns: Int, _ y: [Double], _ yColumns: Int, rows n: Int, codes: [Int],
    levels: Int
  ) -> [Double] {
    let size = xColumns * yColumns
    var result = [Double](repeating: 0, count: levels * size)
    result.withUnsafeMutableBufferPointer { result in
      x.withUnsafeBufferPointer { x in
        y.withUnsafeBufferPointer { y in
          codes.withUnsafeBufferPointer { codes in
            for j in 0..<yColumns {
              for k in 0..<xColumns {
                let place = k + j * xColumns
                for i in 0..<n { result[codes[i] * size + place] += x[i + k * n] * y[i + j * n] }
              }
            }
          }
        }
      }
    }
    return result
  }

  private mutating func findPatterns() {
    let size = q * q
    // Most data have few patterns, which are compared sooner than hashed.
    let few = 8
    var index: [[Double]: Int] = [:]
    for level in 0..<levelCount {
      let own = a[(level * size)..<((level + 1) * size)]
      let known =
        patterns.indices.prefix(few).first { a[(patterns[$0].level * size)...].starts(with: own) }
        ?? (patterns.count > few ? index[Array(own)] : nil)
      if let known {
        patterns[known].members.append(level)
      } else {
        if patterns.count >= few { index[Array(own)] = patterns.count }
        patterns.append(Pattern(level: level, members: [level], pairsOffset: nil))
      }
    }
  }

  private mutating func collapse() {
    let w = width
    let q = q
    for index in patterns.indices where patterns[index].members.count > q + 1 {
      patterns[index].pairsOffset = pairs.count
      let members = patterns[index].members
      // cₖ of the members one below the other, so that the sums are matrix products.
      let rows = (0..<q).map { k -> Matrix in
        var stacked = Matrix(rows: members.count, columns: w)
        for j in 0..<w {
          for (i, level) in members.enumerated() {
            stacked.storage[i + j * members.count] = c[level * q * w + k + j * q]
          }
        }
        return stacked
      }
      for k in 0..<q {
        for l in 0..<k {
          let product = Matrix.product(rows[k], rows[l], transposeFirst: true)
          pairs += (product + product.transposed()).storage
        }
        pairs += rows[k].gram().storage
      }
    }
  }

  mutating func reduce(_ lambda: [Double], into k: inout [Double]) -> Double? {
    let w = width
    let q = q
    var logDeterminant = 0.0
    for i in 0..<(w * w) { k[i] = gram.storage[i] }
    for pattern in patterns {
      guard let logPivot = factor(level: pattern.level, lambda) else { return nil }
      logDeterminant += 2 * logPivot * Double(pattern.members.count)
      if let offset = pattern.pairsOffset {
        k.withUnsafeMutableBufferPointer { k in
          pairs.withUnsafeBufferPointer { pairs in
            var place = offset
            for r in 0..<q {
              for s in 0...r {
                var h = 0.0
                for t in 0..<q { h += half[t + r * q] * half[t + s * q] }
                for j in 0..<w {
                  for i in j..<w { k[i + j * w] -= h * pairs[place + i + j * w] }
                }
                place += w * w
              }
            }
          }
        }
      } else {
        for level in pattern.members { subtract(level: level, from: &k) }
      }
    }
    return logDeterminant
  }

  /// K ← K − v'v with v = L⁻¹Λ'c of one level.
  private mutating func subtract(level: Int, from k: inout [Double]) {
    let w = width
    let q = q
    let base = level * q * w
    product.withUnsafeMutableBufferPointer { v in
      half.withUnsafeBufferPointer { half in
        c.withUnsafeBufferPointer { c in
          for j in 0..<w {
            for r in 0..<q {
              var sum = 0.0
              for s in 0..<q { sum += half[r + s * q] * c[base + s + j * q] }
              v[r + j * q] = sum
            }
          }
        }
      }
      k.withUnsafeMutableBufferPointer { k in
        for j in 0..<w {
          for i in j..<w {
            var sum = 0.0
            for r in 0..<q { sum += v[r + i * q] * v[r + j * q] }
            k[i + j * w] -= sum
          }
        }
      }
    }
  }

  /// Factors Ω = Λ'AΛ + I of a level into `omega`, writes L⁻¹Λ' to `half`, and returns log |L|.
  private mutating func factor(level: Int, _ lambda: [Double]) -> Double? {
    let q = q
    let base = level * q * q
    // half holds AΛ for a moment; Λ is lower triangular.
    for j in 0..<q {
      for i in 0..<q {
        var sum = 0.0
        for s in j..<q { sum += a[base + i + s * q] * lambda[s + j * q] }
        half[i + j * q] = sum
      }
    }
    for j in 0..<q {
      for i in j..<q {
        var sum = i == j ? 1.0 : 0
        for s in i..<q { sum += lambda[s + i * q] * half[s + j * q] }
        omega[i + j * q] = sum
      }
    }
    let failed = omega.withUnsafeMutableBufferPointer {
      CholeskyFactor.factorInPlace($0, order: q)
    }
    guard failed == 0 else { return nil }
    var logPivot = 0.0
    for i in 0..<q { logPivot += log(omega[i + i * q]) }
    for j in 0..<q {
      for i in 0..<q {
        // Λ' has element (i, j) = Λ(j, i), zero for i > j.
        var sum = i > j ? 0 : lambda[j + i * q]
        for s in 0..<i { sum -= omega[i + s * q] * half[s + j * q] }
        half[i + j * q] = sum / omega[i + i * q]
      }
    }
    return logPivot
  }

  /// (I + A G)⁻¹ with G = ΛΛ', and Z'V⁻¹Z = (I + A G)⁻¹A, of one level: no cancellation however large Λ is.
  private func shrinkage(
    level: Int, covariance: Matrix
  ) throws(LinearAlgebraError) -> (factor: Matrix, information: Matrix) {
    let a = Matrix(
      rows: q, columns: q, storage: Array(self.a[(level * q * q)..<((level + 1) * q * q)]))
    if q == 1 {
      let f = 1 / (1 + a.storage[0] * covariance.storage[0])
      return (Matrix(rows: 1, columns: 1, storage: [f]), f * a)
    }
    let lu = try LUFactor(of: .identity(q) + a * covariance)
    return (lu.inverse(), lu.solve(a).symmetrised())
  }

  private func covariance(_ lambda: [Double]) -> Matrix {
    let factor = Matrix(rows: q, columns: q, storage: Array(lambda[0..<(q * q)]))
    return Matrix.product(factor, factor, transposeSecond: true)
  }

  var isDense: Bool { false }

  mutating func derivativeSums(
    _ lambda: [Double], includingTraces: Bool
  ) throws(LinearAlgebraError) -> DerivativeSums {
    let w = width
    var sums = DerivativeSums(parameters: parameters.count, width: w)
    var k = [Double](repeating: 0, count: w * w)
    guard let logDeterminant = reduce(lambda, into: &k) else {
      throw .notPositiveDefinite(order: 1)
    }
    sums.logDeterminant = logDeterminant
    sums.k = Matrix(rows: w, columns: w, storage: k)
    let g = covariance(lambda)
    var products = [Double](repeating: 0, count: q * (q + 1) / 2 * w * w)
    var tau = [Double](repeating: 0, count: q * w)
    for pattern in patterns {
      let (f, s) = try shrinkage(level: pattern.level, covariance: g)
      for i in products.indices { products[i] = 0 }
      if let offset = pattern.pairsOffset {
        addCollapsed(offset: offset, factor: f, to: &products)
      } else {
        for level in pattern.members { addMember(level, factor: f, tau: &tau, to: &products) }
      }
      addTraces(of: s, times: Double(pattern.members.count), to: &sums)
      addProducts(products, information: s, to: &sums)
    }
    sums.mirrorLowerTriangles()
    return sums
  }

  /// Adds for r ≥ t the symmetric part of Σ τᵣτₜ' of a collapsed pattern, where τ = (I + A G)⁻¹c.
  private func addCollapsed(offset: Int, factor f: Matrix, to products: inout [Double]) {
    let w2 = width * width
    var place = 0
    for r in 0..<q {
      for t in 0...r {
        var source = offset
        for k in 0..<q {
          for l in 0...k {
            // Off the diagonal the stored sum is cₖcₗ' + cₗcₖ'.
            let h =
              k == l ? f[r, k] * f[t, k] : (f[r, k] * f[t, l] + f[r, l] * f[t, k]) / 2
            for i in 0..<w2 { products[place + i] += h * pairs[source + i] }
            source += w2
          }
        }
        place += w2
      }
    }
  }

  private func addMember(
    _ level: Int, factor f: Matrix, tau: inout [Double], to products: inout [Double]
  ) {
    let w = width
    let base = level * q * w
    for j in 0..<w {
      for r in 0..<q {
        var sum = 0.0
        for s in 0..<q { sum += f.storage[r + s * q] * c[base + s + j * q] }
        tau[r + j * q] = sum
      }
    }
    var place = 0
    for r in 0..<q {
      for t in 0...r {
        for j in 0..<w {
          for i in j..<w {
            products[place + i + j * w] +=
              (tau[r + i * q] * tau[t + j * q] + tau[t + i * q] * tau[r + j * q]) / 2
          }
        }
        place += w * w
      }
    }
  }

  private func addTraces(of s: Matrix, times count: Double, to sums: inout DerivativeSums) {
    for (x, a) in parameters.enumerated() {
      sums.trace[x] += count * s[a.row, a.column] * (a.isDiagonal ? 1 : 2)
      for (y, b) in parameters.enumerated() {
        var sum = 0.0
        for (r, c) in a.places {
          for (u, v) in b.places { sum += s[c, u] * s[v, r] }
        }
        sums.traceOfProducts[x, y] += count * sum
      }
    }
  }

  private func addProducts(
    _ products: [Double], information s: Matrix, to sums: inout DerivativeSums
  ) {
    let w2 = width * width
    for (x, a) in parameters.enumerated() {
      let source = DerivativeSums.pair(a.row, a.column) * w2
      let factor = a.isDiagonal ? 1.0 : 2
      for i in 0..<w2 { sums.first[x].storage[i] += factor * products[source + i] }
      for y in 0...x {
        let place = DerivativeSums.pair(x, y)
        for (r, c) in a.places {
          for (u, v) in parameters[y].places {
            let h = s[c, u]
            if h == 0 { continue }
            let source = DerivativeSums.pair(r, v) * w2
            for i in 0..<w2 { sums.second[place].storage[i] += h * products[source + i] }
          }
        }
      }
    }
  }

  func conditionalModes(
    _ lambda: [Double], direction: [Double]
  ) throws(LinearAlgebraError) -> [ConditionalModes] {
    let g = covariance(lambda)
    var result = ConditionalModes(
      modes: Matrix(rows: q, columns: levelCount),
      covariances: Matrix(rows: q * q, columns: levelCount))
    for pattern in patterns {
      let (f, _) = try shrinkage(level: pattern.level, covariance: g)
      // ΛΩ⁻¹Λ' = G (I + A G)⁻¹.
      let conditional = (g * f).symmetrised()
      for level in pattern.members {
        for r in 0..<q {
          var sum = 0.0
          for j in 0..<width {
            for s in 0..<q {
              sum += conditional.storage[r + s * q] * c[level * q * width + s + j * q] * direction[j]
            }
          }
          result.modes.storage[r + level * q] = sum
        }
        for k in 0..<(q * q) {
          result.covariances.storage[k + level * q * q] = conditional.storage[k]
        }
      }
    }
    return [result]
  }
}

extension RandomEffectsLayout.Parameter {
  /// The ordered places of the parameter in the covariance matrix of its block.
  var places: [(Int, Int)] { isDiagonal ? [(row, row)] : [(row, column), (column, row)] }
}

extension DerivativeSums {
  /// Copies the lower triangles, which the sums filled, to the upper ones.
  mutating func mirrorLowerTriangles() {
    k.mirrorLowerTriangle()
    for i in first.indices { first[i].mirrorLowerTriangle() }
    for i in second.indices { second[i].mirrorLowerTriangle() }
  }
}

extension Matrix {
  /// Copies the lower triangle to the upper one.
  mutating func mirrorLowerTriangle() {
    for j in 0..<columns {
      for i in 0..<j { storage[i + j * rows] = storage[j + i * rows] }
    }
  }
}
