import LinearAlgebra

/// The cross-products of a repeated-measures design, collapsed over the subjects who were seen at the same visits.
///
/// Subjects of one pattern share their covariance V, so that for z = [X y] only the sums S_ab = Σ (z_a z_b' + z_b z_a') over
/// pairs of visits are kept: Z'V⁻¹Z = Σ_{a ≥ b} (V⁻¹)_ab S_ab. An evaluation of the likelihood then costs the same for two
/// hundred people and for two hundred thousand. Rows are scaled by the roots of their weights beforehand.
struct VisitPatternProducts: Sendable {
  /// Subjects seen at the same visits, with one covariance matrix.
  struct Pattern: Sendable, Hashable {
    let group: Int
    /// The visits seen, ascending.
    let visits: [Int]
  }

  let patterns: [Pattern]
  /// The subjects of each pattern.
  let counts: [Int]
  /// The columns of z.
  let width: Int
  /// One column a pattern and pair of visits (a ≥ b, row by row), each a packed symmetric width × width matrix.
  let sums: Matrix
  /// Where each pattern's pairs begin among the columns of `sums`.
  let offsets: [Int]

  /// Collapses rows.
  ///
  /// - Parameters:
  ///   - z: n × width.
  ///   - visit: the visit of each row.
  ///   - subjectRows: the rows of each subject, by visit ascending.
  ///   - group: the covariance group of each subject.
  init(z: Matrix, visit: [Int], subjectRows: [[Int]], group: [Int]) {
    width = z.columns
    var place: [Pattern: Int] = [:]
    var patterns: [Pattern] = []
    var members: [[Int]] = []
    for (subject, rows) in subjectRows.enumerated() where !rows.isEmpty {
      let pattern = Pattern(group: group[subject], visits: rows.map { visit[$0] })
      if let known = place[pattern] {
        members[known].append(subject)
      } else {
        place[pattern] = patterns.count
        patterns.append(pattern)
        members.append([subject])
      }
    }
    // The order of patterns must not hang on the order of rows.
    let order = patterns.indices.sorted {
      (patterns[$0].group, patterns[$0].visits.count) == (patterns[$1].group, patterns[$1].visits.count)
        ? patterns[$0].visits.lexicographicallyPrecedes(patterns[$1].visits)
        : (patterns[$0].group, patterns[$0].visits.count) < (patterns[$1].group, patterns[$1].visits.count)
    }
    self.patterns = order.map { patterns[$0] }
    counts = order.map { members[$0].count }
    var offsets: [Int] = []
    var total = 0
    for pattern in self.patterns {
      offsets.append(total)
      total += pattern.visits.count * (pattern.visits.count + 1) / 2
    }
    self.offsets = offsets
    let packed = width * (width + 1) / 2
    var sums = Matrix(rows: packed, columns: total)
    for (p, original) in order.enumerated() {
      for subject in members[original] {
        Self.add(subjectRows[subject], of: z, to: &sums, from: offsets[p])
      }
    }
    self.sums = sums
  }

  private static func add(_ rows: [Int], of z: Matrix, to sums: inout Matrix, from offset: Int) {
    let n = z.rows
    let width = z.columns
    let packed = sums.rows
    sums.storage.withUnsafeMutableBufferPointer { s in
      z.storage.withUnsafeBufferPointer { z in
        var pair = offset
        for (a, rowA) in rows.enumerated() {
          for rowB in rows[0...a] {
            var k = pair * packed
            // A visit with itself counts once, two visits in both orders.
            let factor = rowA == rowB ? 0.5 : 1.0
            for j in 0..<width {
              let aj = z[rowA + j * n]
              let bj = z[rowB + j * n]
              for i in j..<width {
                s[k] += factor * (z[rowA + i * n] * bj + z[rowB + i * n] * aj)
                k += 1
              }
            }
            pair += 1
          }
        }
      }
    }
  }

  /// Spreads one symmetric matrix a pattern over the pairs of visits.
  func pairs(_ matrices: [Matrix]) -> [Double] {
    var values: [Double] = []
    values.reserveCapacity(sums.columns)
    for matrix in matrices {
      for a in 0..<matrix.rows {
        for b in 0...a { values.append(matrix[a, b]) }
      }
    }
    return values
  }

  /// Σ over patterns and pairs of `values` S: a symmetric width × width matrix, such as Z'V⁻¹Z.
  func combined(_ values: [Double]) -> Matrix {
    let packed = sums * values
    var result = Matrix(rows: width, columns: width)
    var k = 0
    for j in 0..<width {
      for i in j..<width {
        result[i, j] = packed[k]
        result[j, i] = packed[k]
        k += 1
      }
    }
    return result
  }

  /// For each pattern the matrix over pairs of visits with elements tr(A C_ab), C_ab = Σ z_a z_b'.
  func traces(with a: Matrix) -> [Matrix] {
    var packed: [Double] = []
    packed.reserveCapacity(sums.rows)
    for j in 0..<width {
      for i in j..<width { packed.append(i == j ? a[i, j] : a[i, j] + a[j, i]) }
    }
    let values = sums.transposedTimes(packed)
    return patterns.enumerated().map { p, pattern in
      let m = pattern.visits.count
      var result = Matrix(rows: m, columns: m)
      var k = offsets[p]
      for a in 0..<m {
        for b in 0...a {
          // A pair of two visits holds both orders.
          let value = a == b ? values[k] : values[k] / 2
          result[a, b] = value
          result[b, a] = value
          k += 1
        }
      }
      return result
    }
  }
}
