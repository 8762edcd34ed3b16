import Probability

/// Draws allocations of the same participants again, as the trial drew them.
///
/// A permuted block is drawn from its full contents even where the list stops within it; a block that needs edits, and the
/// groups of the complete and the stratified design, keep the numbers they have.
public struct Rerandomiser: Sendable {
  /// Participants whose arms are drawn from one pool without replacement.
  private struct Group: Sendable {
    let positions: [Int]
    let pool: [UInt8]
  }

  private enum Scheme: Sendable {
    case groups([Group])
    /// Independent draws, by the cumulated shares.
    case simple([Double])
    case minimisation(MinimisationState)
  }

  private let sequence: AllocationSequence
  private let scheme: Scheme
  /// True where each stratum keeps its numbers by arm in every draw.
  let keepsNumbers: Bool

  private init(_ sequence: AllocationSequence, _ scheme: Scheme, keepsNumbers: Bool) {
    self.sequence = sequence
    self.scheme = scheme
    self.keepsNumbers = keepsNumbers
  }

  /// Prepares a design.
  ///
  /// - Parameters:
  ///   - sequence: the allocations of the trial.
  ///   - blocks: the blocks, for permuted blocks; a stratum without any is drawn as in the stratified design.
  ///   - minimisation: the factors; needed for minimisation.
  public init(
    _ design: AllocationDesign, _ sequence: AllocationSequence, blocks: BlockStructure? = nil,
    minimisation: Minimisation? = nil
  ) {
    func group(_ positions: [Int]) -> Group {
      Group(positions: positions, pool: positions.map { sequence.arm[$0] })
    }
    switch design {
    case .simple:
      var cumulated = 0.0
      let bounds = sequence.arms.shares.map { share in
        cumulated += share
        return cumulated
      }
      self.init(sequence, .simple(bounds), keepsNumbers: false)
    case .complete:
      self.init(
        sequence, .groups([group(Array(0..<sequence.count))]), keepsNumbers: sequence.members.count == 1)
    case .stratified:
      self.init(sequence, .groups(sequence.members.map(group)), keepsNumbers: true)
    case .permutedBlock:
      var keepsNumbers = true
      var groups: [Group] = []
      for (index, members) in sequence.members.enumerated() {
        let own = blocks?.strata[index].blocks ?? []
        if own.isEmpty { groups.append(group(members)) }
        for block in own {
          if block.isClean && block.positions.count < block.size {
            keepsNumbers = false
            let pool = Self.contents(ofBlock: block.size, sequence.arms)
            groups.append(Group(positions: block.positions, pool: pool))
          } else {
            groups.append(group(block.positions))
          }
        }
      }
      self.init(sequence, .groups(groups), keepsNumbers: keepsNumbers)
    case .minimisation:
      precondition(minimisation != nil, "minimisation without factors")
      self.init(
        sequence, .minimisation(MinimisationState(minimisation!, sequence.arms)), keepsNumbers: false)
    }
  }

  private static func contents(ofBlock size: Int, _ arms: TrialArms) -> [UInt8] {
    guard let ratio = arms.ratio, let unit = arms.blockUnit else { return [] }
    return ratio.enumerated().flatMap { [UInt8](repeating: UInt8($0), count: size / unit * $1) }
  }

  /// The design for the participants of two arms alone; the others keep their arms.
  ///
  /// Given who is in either arm, every design by groups is again one by groups, with the numbers of the two; independent
  /// draws stay independent. Nil for minimisation over more than two arms, which does not come apart.
  func restricted(to first: Int, _ second: Int) -> Rerandomiser? {
    guard sequence.arms.count > 2 else { return self }
    let arm = sequence.arm
    let isKept = arm.map { Int($0) == first || Int($0) == second }
    switch scheme {
    case .groups(let groups):
      let chosen = groups.map { group -> Group in
        let positions = group.positions.filter { isKept[$0] }
        return Group(positions: positions, pool: positions.map { arm[$0] })
      }
      return Rerandomiser(
        sequence, .groups(chosen.filter { !$0.positions.isEmpty }), keepsNumbers: keepsNumbers)
    case .simple:
      let positions = arm.indices.filter { isKept[$0] }
      let group = Group(positions: positions, pool: positions.map { arm[$0] })
      return Rerandomiser(sequence, .groups([group]), keepsNumbers: false)
    case .minimisation: return nil
    }
  }

  /// The number of bytes that `draw(_:into:room:)` needs room for.
  var roomNeeded: Int {
    if case .groups(let groups) = scheme { return max(1, groups.map(\.pool.count).max() ?? 0) }
    return 1
  }

  /// Draws an allocation; positions that the design leaves alone keep what `arm` holds.
  func draw(
    _ stream: inout RandomStream, into arm: UnsafeMutableBufferPointer<UInt8>,
    room: UnsafeMutableBufferPointer<UInt8>
  ) {
    switch scheme {
    case .groups(let groups):
      for group in groups {
        let size = group.pool.count
        for i in 0..<size { room[i] = group.pool[i] }
        for (i, position) in group.positions.enumerated() {
          room.swapAt(i, i + stream.integer(below: size - i))
          arm[position] = room[i]
        }
      }
    case .simple(let bounds):
      for i in arm.indices {
        let point = stream.uniform()
        arm[i] = UInt8(bounds.firstIndex { point < $0 } ?? bounds.count - 1)
      }
    case .minimisation(let state):
      var counts = state.emptyCounts
      for i in arm.indices {
        let chosen = stream.category(weights: state.probabilities(of: i, counts))
        arm[i] = UInt8(chosen)
        state.add(i, arm: chosen, to: &counts)
      }
    }
  }

  /// An allocation of a replicate.
  func draw(_ stream: inout RandomStream) -> [UInt8] {
    var arm = sequence.arm
    var room = [UInt8](repeating: 0, count: roomNeeded)
    arm.withUnsafeMutableBufferPointer { arm in
      room.withUnsafeMutableBufferPointer { draw(&stream, into: arm, room: $0) }
    }
    return arm
  }

  /// The probability that an investigator who knows the design and every earlier allocation gives to each arm beyond the
  /// first, arm by arm: the reverse propensity score of Berger & Exner, Controlled Clinical Trials 20 (1999), 319, doi
  /// 10.1016/S0197-2456(99)00014-8.
  func foresight(_ arm: UnsafeBufferPointer<UInt8>, into result: UnsafeMutableBufferPointer<Double>) {
    let n = arm.count
    let k = sequence.arms.count
    switch scheme {
    case .groups(let groups):
      withUnsafeTemporaryAllocation(of: Int.self, capacity: k) { left in
        for group in groups {
          left.initialize(repeating: 0)
          for code in group.pool { left[Int(code)] += 1 }
          var remaining = Double(group.pool.count)
          for position in group.positions {
            for a in 1..<k { result[(a - 1) * n + position] = Double(left[a]) / remaining }
            left[Int(arm[position])] -= 1
            remaining -= 1
          }
        }
      }
    case .simple:
      for a in 1..<k {
        for i in 0..<n { result[(a - 1) * n + i] = sequence.arms.shares[a] }
      }
    case .minimisation(let state):
      var counts = state.emptyCounts
      for i in 0..<n {
        let probabilities = state.probabilities(of: i, counts)
        for a in 1..<k { result[(a - 1) * n + i] = probabilities[a] }
        state.add(i, arm: Int(arm[i]), to: &counts)
      }
    }
  }
}
