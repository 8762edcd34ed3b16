import LinearAlgebra

/// The parts of Ω⁻¹ that the rows of one leaf level touch, in scratch that the next level reuses.
///
/// With Ω₁₁ the level's block, E = Ω₁₁⁻¹Ω_1R and P = (Ω⁻¹)_RR on the columns the level touches, Ω⁻¹ẑ of a row is
/// (Ω₁₁⁻¹ẑ₁ − E y, y) with y = P (ẑ_R − E'ẑ₁).
struct LevelInverse {
  private let q: Int
  private var inverse: [Double]
  private var link: [Double]
  private var around: [Double]
  private var x: [Double]
  private var y: [Double]
  private var columnCount = 0
  /// ẑ'Ω⁻¹ẑ of the row at hand.
  private(set) var variance = 0.0
  /// Ω⁻¹ẑ at the row's own effects: of its leaf level, and of its other levels.
  private(set) var leafPart: [Double]
  private(set) var restPart: [Double]

  init(_ structure: LatentStructure) {
    q = structure.q
    let widest = structure.leaves.map(\.columns.count).max() ?? 0
    inverse = [Double](repeating: 0, count: q * q)
    link = [Double](repeating: 0, count: q * widest)
    around = [Double](repeating: 0, count: widest * widest)
    x = [Double](repeating: 0, count: widest)
    y = x
    leafPart = [Double](repeating: 0, count: q)
    restPart = [Double](repeating: 0, count: structure.restWidth)
  }

  /// Takes up a leaf level of the component that was factored last.
  mutating func prepare(leaf index: Int, of system: inout LatentSystem, restInverse: Matrix) {
    system.writeLeafInverse(index, inverse: &inverse, link: &link)
    let columns = system.structure.leaves[index].columns
    let r = restInverse.rows
    columnCount = columns.count
    for j in 0..<columns.count {
      for i in 0..<columns.count {
        around[i + j * columns.count] = restInverse.storage[columns[i] + columns[j] * r]
      }
    }
  }

  /// Evaluates a row of the level.
  mutating func evaluate(row i: Int, of system: LatentSystem) {
    let s = columnCount
    let width = system.structure.restWidth
    for j in 0..<s { x[j] = 0 }
    for k in 0..<width {
      x[system.structure.restPlaces[i * width + k]] += system.scaledRest[i * width + k]
    }
    for j in 0..<s {
      for k in 0..<q { x[j] -= link[k + j * q] * system.scaledLeaf[i * q + k] }
    }
    for k in 0..<s {
      var sum = 0.0
      for j in 0..<s { sum += around[k + j * s] * x[j] }
      y[k] = sum
    }
    variance = 0
    for k in 0..<q {
      var sum = 0.0
      for l in 0..<q { sum += inverse[k + l * q] * system.scaledLeaf[i * q + l] }
      variance += sum * system.scaledLeaf[i * q + k]
      for j in 0..<s { sum -= link[k + j * q] * y[j] }
      leafPart[k] = sum
    }
    for j in 0..<s { variance += x[j] * y[j] }
    for k in 0..<width { restPart[k] = y[system.structure.restPlaces[i * width + k]] }
  }

  /// (Ω⁻¹)₁₁ of the level, Ω₁₁⁻¹ + E P E'.
  var leafCovariance: Matrix {
    let s = columnCount
    let own = Matrix(rows: q, columns: q, storage: inverse)
    guard s > 0 else { return own }
    let link = Matrix(rows: q, columns: s, storage: Array(link[0..<(q * s)]))
    let around = Matrix(rows: s, columns: s, storage: Array(around[0..<(s * s)]))
    return own + around.sandwiched(by: link)
  }
}
