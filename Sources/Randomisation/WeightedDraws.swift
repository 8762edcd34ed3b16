import Glibc

/// Draws of a randomisation distribution, each with a value and a weight, and the observed allocation among them.
struct WeightedDraws {
  /// One draw: t, the effect at which it becomes as extreme as the observation, NaN where it always is; and the logarithm
  /// of its weight.
  struct Draw: Sendable {
    var value: Double
    var weight: Double
  }

  /// Ascending by value, the weights scaled so that the largest is 1.
  private let draws: [Draw]
  private let observedWeight: Double
  /// The weight of the draws that are as extreme as the observation whatever the effect.
  private let always: Double
  private let total: Double
  /// The number of draws that would have the same error if all weighed the same: (Σw)²/Σw².
  private let effective: Double

  /// Nil where nothing has any weight.
  init?(_ all: [Draw], observedLogWeight: Double) {
    let largest = all.reduce(observedLogWeight) { max($0, $1.weight) }
    guard largest.isFinite else { return nil }
    let scaled = all.map { Draw(value: $0.value, weight: exp($0.weight - largest)) }
    observedWeight = exp(observedLogWeight - largest)
    draws = scaled.filter { !$0.value.isNaN }.sorted { $0.value < $1.value }
    always = scaled.reduce(0) { $0 + ($1.value.isNaN ? $1.weight : 0) }
    let sum = scaled.reduce(0) { $0 + $1.weight }
    total = observedWeight + sum
    let squares = scaled.reduce(0) { $0 + $1.weight * $1.weight }
    guard squares > 0 else { return nil }
    effective = sum * sum / squares
  }

  /// The share of the weight, the observation's in it, of the draws that satisfy a condition or always count.
  func share(_ isBeyond: (Double) -> Bool) -> Double {
    (observedWeight + always + draws.reduce(0) { $0 + (isBeyond($1.value) ? $1.weight : 0) }) / total
  }

  /// The Monte-Carlo standard error of a share.
  func error(ofShare share: Double) -> Double { (share * max(0, 1 - share) / effective).squareRoot() }

  /// The value at which the draws beyond come to weigh more than a share, with its Monte-Carlo standard error; nil where no
  /// draw's value does.
  func limit(share: Double, fromAbove: Bool) -> (value: Double, error: Double?)? {
    // The first draw from one end at which the weight passes a bound; nil where it does so before any, or never.
    func place(beyond bound: Double) -> Int? {
      var weight = observedWeight + always
      if weight > bound { return nil }
      for k in draws.indices {
        weight += draws[fromAbove ? draws.count - 1 - k : k].weight
        if weight > bound { return k }
      }
      return nil
    }
    // Sums of equal weights are whole numbers: a bound that is one but for rounding counts as that.
    let bound = share * total * (1 + 1e-12)
    guard let kept = place(beyond: bound) else { return nil }
    func value(_ k: Int) -> Double { draws[fromAbove ? draws.count - 1 - k : k].value }
    let spread = (share * (1 - share) / effective).squareRoot() * total
    let near = place(beyond: bound - spread) ?? 0
    let far = place(beyond: bound + spread) ?? draws.count - 1
    return (value(kept), far > near ? abs(value(far) - value(near)) / 2 : nil)
  }
}
