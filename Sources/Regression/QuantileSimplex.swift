import LinearAlgebra

/// Regression quantiles as a linear programme: the β that minimises Σ ρ_τ(yᵢ − xᵢβ), ρ_τ(r) = r(τ − 1[r < 0]).
///
/// The simplex method of Barrodale & Roberts (SIAM J. Numer. Anal. 10 (1973), doi 10.1137/0710069; Comm. ACM 17 (1974),
/// algorithm 478) as Koenker & d'Orey (Appl. Statist. 36 (1987), AS 229) extended it to quantiles. The solution passes
/// through as many observations as there are coefficients. A step releases one of them, the one that lowers the
/// objective fastest, and goes past as many other observations as still lower it. Where several solutions exist, the
/// path decides which is found; starting point, choice of steps and order of ties are those of R's `rq(method = "br")`,
/// so that the same one is.
struct QuantileSimplex {
  /// The solution.
  struct Solution {
    /// One coefficient a column of the design.
    var coefficients: [Double]
    /// y − Xβ.
    var residuals: [Double]
    /// False where another solution has the same objective.
    var isUnique: Bool
    /// The steps taken.
    var pivots: Int
  }

  /// The smallest rate that counts as one (R: ε^⅔).
  private static let tolerance = 3.666852862501036e-11

  private let design: Matrix
  private let response: [Double]
  private let tau: Double
  private let rows: Int
  private let columns: Int
  /// What each slot of the basis holds: an observation, or nil for a coefficient that still stands at 0.
  private var slots: [Int?]
  /// X_B⁻¹: column k moves slot k's residual and no other's.
  private var inverse: Matrix
  private var residuals: [Double]
  /// On which side of the fit an observation counts; a residual of 0 keeps the side it came from.
  private var side: [Double]
  /// Observations by place: ties go to the first place.
  private var places: [Int]
  /// Σ ψ(rᵢ)xᵢ over the observations outside the basis, ψ = τ above and τ − 1 below.
  private var pull: [Double]
  private var entered = 0
  private var pivots = 0

  /// - Parameters:
  ///   - design: n × p of full column rank.
  ///   - tau: the quantile, between 0 and 1.
  init(design: Matrix, response: [Double], tau: Double) {
    self.design = design
    self.response = response
    self.tau = tau
    rows = design.rows
    columns = design.columns
    slots = [Int?](repeating: nil, count: columns)
    inverse = .identity(columns)
    residuals = response
    side = response.map { $0 < 0 ? -1 : 1 }
    places = Array(0..<design.rows)
    pull = design.transposedTimes(side.map { $0 > 0 ? tau : tau - 1 })
  }

  /// Runs the method; nil where it does not end within the limit of steps.
  mutating func solve(limit: Int? = nil) throws(RegressionError) -> Solution? {
    let limit = limit ?? 50 * (rows + columns)
    // First every coefficient is brought into play, the steepest first.
    while let slot = steepestCoefficient() {
      let gain = gains[slot]
      if !step(slot: slot, direction: gain < 0 ? 1 : -1, gain: 2 * abs(gain)) {
        throw .numerical(.singular(column: slot))
      }
    }
    // Then observations are exchanged until none lowers the objective.
    while let (slot, direction, gain) = steepestObservation() {
      guard pivots < limit else { return nil }
      guard step(slot: slot, direction: direction, gain: gain) else { break }
    }
    return try finish()
  }

  /// g_k, the derivative of the other observations' part of the objective as slot k's residual rises.
  private var gains: [Double] { inverse.transposedTimes(pull) }

  private func steepestCoefficient() -> Int? {
    let rates = gains
    var best: Int?
    for k in 0..<columns where slots[k] == nil {
      if let known = best, abs(rates[k]) <= abs(rates[known]) { continue }
      best = k
    }
    return best
  }

  /// The slot whose release lowers twice the objective fastest, the side its residual goes to, and the rate.
  private func steepestObservation() -> (slot: Int, direction: Double, gain: Double)? {
    let rates = gains
    var best: (slot: Int, direction: Double, gain: Double)?
    var most = -Double.infinity
    for k in 0..<columns {
      let up = -2 * (tau + rates[k])
      let (gain, direction) = up >= 0 ? (up, 1.0) : (-2 - up, -1.0)
      if up < 0, up > -2 { continue }
      if gain > most {
        most = gain
        best = (k, direction, gain)
      }
    }
    return most > Self.tolerance ? best : nil
  }

  /// Moves slot k's residual in a direction until the objective would rise; false where nothing stops it.
  private mutating func step(slot: Int, direction: Double, gain: Double) -> Bool {
    let ray = inverse.column(slot).map { $0 * direction }
    let rates = design * ray
    let scale = slots[slot] == nil ? rates.reduce(0) { max($0, abs($1)) } : 1
    var candidates = TieHeap()
    for place in entered..<rows {
      let i = places[place]
      let approach = -side[i] * rates[i]
      if approach > Self.tolerance * scale {
        candidates.append(key: side[i] * residuals[i] / approach, value: place)
      }
    }
    candidates.heapify()
    var left = gain
    while let (ratio, place) = candidates.popFirst() {
      let i = places[place]
      let pivot = abs(rates[i])
      if left - 2 * pivot <= Self.tolerance * scale {
        exchange(slot: slot, direction: direction, place: place, distance: ratio, rates: rates)
        return true
      }
      left -= 2 * pivot
      cross(i)
    }
    return false
  }

  /// Puts an observation on the other side.
  private mutating func cross(_ i: Int) {
    for j in 0..<columns { pull[j] -= side[i] * design[i, j] }
    side[i] = -side[i]
  }

  private mutating func exchange(
    slot: Int, direction: Double, place: Int, distance: Double, rates: [Double]
  ) {
    let entering = places[place]
    for i in 0..<rows { residuals[i] += distance * rates[i] }
    for k in 0..<columns { if let i = slots[k] { residuals[i] = 0 } }
    residuals[entering] = 0
    // The entering observation leaves the sum, the released one joins it on its side.
    let out = side[entering] > 0 ? tau : tau - 1
    for j in 0..<columns { pull[j] -= out * design[entering, j] }
    if let released = slots[slot] {
      side[released] = direction
      residuals[released] = direction * distance
      let weight = direction > 0 ? tau : tau - 1
      for j in 0..<columns { pull[j] += weight * design[released, j] }
      places[place] = released
    } else {
      places.swapAt(place, entered)
      entered += 1
    }
    slots[slot] = entering
    pivots += 1
    replaceRow(slot, with: entering)
  }

  /// X_B with row `slot` replaced: the inverse changes by an elementary column operation.
  private mutating func replaceRow(_ slot: Int, with entering: Int) {
    if pivots % 64 == 0, slots.allSatisfy({ $0 != nil }),
      let fresh = try? LUFactor(of: design.selecting(rows: slots.map { $0! })).inverse()
    {
      inverse = fresh
      refresh()
      return
    }
    var row = [Double](repeating: 0, count: columns)
    for k in 0..<columns {
      for j in 0..<columns { row[k] += design[entering, j] * inverse[j, k] }
    }
    let pivot = row[slot]
    for j in 0..<columns { inverse[j, slot] /= pivot }
    for k in 0..<columns where k != slot && row[k] != 0 {
      for j in 0..<columns { inverse[j, k] -= row[k] * inverse[j, slot] }
    }
  }

  /// Takes residuals and pull afresh, so that rounding does not pile up; sides stay as they are.
  private mutating func refresh() {
    let basis = slots.map { $0! }
    let beta = inverse * basis.map { response[$0] }
    let fitted = design * beta
    let inBasis = Set(basis)
    var psi = side.map { $0 > 0 ? tau : tau - 1 }
    for i in 0..<rows {
      residuals[i] = inBasis.contains(i) ? 0 : response[i] - fitted[i]
      if inBasis.contains(i) { psi[i] = 0 }
    }
    pull = design.transposedTimes(psi)
  }

  private func finish() throws(RegressionError) -> Solution {
    let basis = slots.map { $0! }
    var beta: [Double]
    do {
      beta = try LUFactor(of: design.selecting(rows: basis)).solve(basis.map { response[$0] })
    } catch { throw .numerical(error) }
    let fitted = design * beta
    var residuals = (0..<rows).map { response[$0] - fitted[$0] }
    for i in basis { residuals[i] = 0 }
    // A slot that can be released at no cost leads to another solution.
    let isUnique = gains.allSatisfy { g in
      let up = tau + g
      return up > Self.tolerance / 2 && 1 - up > Self.tolerance / 2
    }
    return Solution(coefficients: beta, residuals: residuals, isUnique: isUnique, pivots: pivots)
  }
}

/// Candidates in ascending order of their keys, equal keys by their place in a list from which a removed element's place is
/// taken by the last.
struct TieHeap {
  private var keys: [Double] = []
  private var values: [Int] = []
  /// List places by heap position, and heap positions by list place.
  private var listPlace: [Int] = []
  private var heapPlace: [Int] = []

  /// Adds a candidate before `heapify`.
  mutating func append(key: Double, value: Int) {
    keys.append(key)
    values.append(value)
    listPlace.append(listPlace.count)
    heapPlace.append(heapPlace.count)
  }

  mutating func heapify() {
    for k in stride(from: keys.count / 2 - 1, through: 0, by: -1) { siftDown(k) }
  }

  /// Removes the first candidate.
  mutating func popFirst() -> (key: Double, value: Int)? {
    guard let key = keys.first else { return nil }
    let value = values[0]
    let freed = listPlace[0]
    swapNodes(0, keys.count - 1)
    keys.removeLast()
    values.removeLast()
    listPlace.removeLast()
    siftDown(0)
    // The last of the list takes the freed place in the list, which can only bring it forward.
    let node = heapPlace.removeLast()
    if freed < heapPlace.count {
      listPlace[node] = freed
      heapPlace[freed] = node
      siftUp(node)
    }
    return (key, value)
  }

  private func precedes(_ a: Int, _ b: Int) -> Bool {
    keys[a] < keys[b] || (keys[a] == keys[b] && listPlace[a] < listPlace[b])
  }

  private mutating func swapNodes(_ a: Int, _ b: Int) {
    guard a != b else { return }
    keys.swapAt(a, b)
    values.swapAt(a, b)
    listPlace.swapAt(a, b)
    heapPlace[listPlace[a]] = a
    heapPlace[listPlace[b]] = b
  }

  private mutating func siftDown(_ start: Int) {
    var k = start
    while true {
      var first = k
      for child in [2 * k + 1, 2 * k + 2] where child < keys.count && precedes(child, first) { first = child }
      if first == k { return }
      swapNodes(k, first)
      k = first
    }
  }

  private mutating func siftUp(_ start: Int) {
    var k = start
    while k > 0, precedes(k, (k - 1) / 2) {
      swapNodes(k, (k - 1) / 2)
      k = (k - 1) / 2
    }
  }
}
