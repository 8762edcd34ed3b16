import LinearAlgebra
import Probability
import Survival

/// Made-up event times with ties, for properties that must hold on any data. The same seed gives the same data.
struct RandomSurvival {
  var time: [Double] = []
  var entry: [Double] = []
  var cause: [Int32] = []
  var x: [[Double]] = [[], []]
  var stratum: [Int32] = []
  var weight: [Double] = []

  /// - Parameter grid: times are rounded up to multiples of this, so that some are tied.
  init(_ n: Int, seed: UInt64, grid: Double = 0.125) {
    var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
    func uniform() -> Double {
      // xorshift64*, enough for test data.
      state ^= state >> 12
      state ^= state << 25
      state ^= state >> 27
      return Double((state &* 0x2545_F491_4F6C_DD1D) >> 11) / 9_007_199_254_740_992
    }
    for _ in 0..<n {
      let a = uniform() * 2 - 1
      let b = uniform() < 0.4 ? 1.0 : 0
      let t = -Normal().cdf(a, tail: .lower, log: true) * (1 + 2 * uniform()) + 0.01
      let late = uniform() * 0.7
      let start = (late * t / grid).rounded(.down) * grid
      time.append(max((t / grid).rounded(.up) * grid, start + grid))
      entry.append(start)
      let u = uniform()
      cause.append(u < 0.25 ? 0 : u < 0.7 + 0.2 * b ? 1 : 2)
      x[0].append(a)
      x[1].append(b)
      stratum.append(Int32(uniform() * 3))
      weight.append(0.5 + uniform())
    }
  }

  var design: Matrix { Matrix(columns: x) }

  func data(entry useEntry: Bool = false, competing: Bool = false) throws -> SurvivalData {
    try SurvivalData(
      time: time, entry: useEntry ? entry : nil,
      cause: competing ? cause : cause.map { $0 == 0 ? 0 : 1 })
  }

  /// The same rows in another order.
  func permuted() -> RandomSurvival {
    let order = time.indices.sorted { ($0 &* 7919) % 1009 < ($1 &* 7919) % 1009 }
    var copy = self
    copy.time = order.map { time[$0] }
    copy.entry = order.map { entry[$0] }
    copy.cause = order.map { cause[$0] }
    copy.x = x.map { column in order.map { column[$0] } }
    copy.stratum = order.map { stratum[$0] }
    copy.weight = order.map { weight[$0] }
    return copy
  }
}
