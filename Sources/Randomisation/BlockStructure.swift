/// The blocks of every stratum and the smallest set of edits that explains what does not fit.
public struct BlockStructure: Sendable, Equatable {
  /// A departure from the block design.
  public struct Violation: Sendable, Equatable {
    /// What would make the list fit.
    public enum Edit: Sendable, Equatable {
      /// The allocation should have been to another arm.
      case change(from: Int, to: Int)
      /// The allocation does not belong to the list.
      case remove(arm: Int)
      /// An allocation is lacking, after this row.
      case insert(arm: Int)
      /// The allocation changed places with that of another row, in the next block.
      case exchange(with: Int)
      /// The allocation was drawn from the list of another stratum.
      case otherStratum(Int)
    }
    /// The position in the sequence.
    public let position: Int
    public let edit: Edit
    /// Other positions of the block for which the same edit would do.
    public let alternatives: [Int]
  }

  /// A stratum's list.
  public struct Stratum: Sendable, Equatable {
    public let name: String
    /// The block sizes; empty where there is no block structure.
    public let sizes: [Int]
    /// How many blocks are complete.
    public let complete: Int
    public internal(set) var violations: [Violation]
    /// The blocks as positions in the sequence, with each block's size.
    let blocks: [(positions: [Int], size: Int, isClean: Bool)]

    public static func == (a: Stratum, b: Stratum) -> Bool {
      a.name == b.name && a.sizes == b.sizes && a.complete == b.complete && a.violations == b.violations
    }
  }

  public let strata: [Stratum]

  /// Every violation, in the order of the sequence.
  public var violations: [Violation] { strata.flatMap(\.violations).sorted { $0.position < $1.position } }

  /// Reads the lists as blocks of the given sizes.
  ///
  /// - Parameters:
  ///   - sequence: the allocations; its ratio must have whole numbers.
  ///   - sizes: one list of sizes a stratum; empty for a stratum without blocks.
  public init(_ sequence: AllocationSequence, sizes: [[Int]]) {
    let ratio = sequence.arms.ratio ?? []
    var strata: [Stratum] = []
    for (index, rows) in sequence.members.enumerated() {
      let list = rows.map { sequence.arm[$0] }
      let own = sizes[index].sorted()
      let pattern = own.isEmpty ? nil : BlockPattern(list, ratio: ratio, sizes: own)
      let reading = ViolationReader(rows: rows, arm: list)
      strata.append(
        Stratum(
          name: sequence.strata[index], sizes: own,
          complete: pattern?.blocks.count { $0.isComplete && $0.editCount == 0 } ?? 0,
          violations: pattern.map { reading.violations($0.blocks) } ?? [],
          blocks: pattern?.blocks.map { block in
            (block.range.map { rows[$0] }, block.size, block.editCount == 0)
          } ?? []))
    }
    self.strata = Self.withMovedParticipants(strata)
  }

  /// Pairs an allocation beyond one stratum's list with the one that another stratum's list lacks: one participant was
  /// entered under the wrong stratum.
  private static func withMovedParticipants(_ strata: [Stratum]) -> [Stratum] {
    var strata = strata
    for s in strata.indices {
      for v in strata[s].violations.indices {
        guard case .remove(let arm) = strata[s].violations[v].edit else { continue }
        let violation = strata[s].violations[v]
        var nearest: (stratum: Int, violation: Int, distance: Int)?
        for t in strata.indices where t != s {
          for (u, other) in strata[t].violations.enumerated() where other.edit == .insert(arm: arm) {
            let distance = abs(other.position - violation.position)
            if distance < nearest?.distance ?? .max { nearest = (t, u, distance) }
          }
        }
        guard let nearest else { continue }
        // Of the rows that would do, the one nearest in time to the gap.
        let gap = strata[nearest.stratum].violations[nearest.violation].position
        let rows = [violation.position] + violation.alternatives
        let moved = rows.min { (abs($0 - gap), $0) < (abs($1 - gap), $1) }!
        strata[s].violations[v] = Violation(
          position: moved, edit: .otherStratum(nearest.stratum), alternatives: rows.filter { $0 != moved })
        strata[nearest.stratum].violations.remove(at: nearest.violation)
      }
    }
    return strata
  }
}

/// Turns the excess and deficit of blocks into edits of rows.
private struct ViolationReader {
  /// The stratum's positions in the sequence.
  let rows: [Int]
  let arm: [UInt8]

  func violations(_ blocks: [BlockPattern.Block]) -> [BlockStructure.Violation] {
    var result: [BlockStructure.Violation] = []
    var blocks = blocks[...]
    while let block = blocks.popFirst() {
      guard block.editCount > 0 else { continue }
      if let next = blocks.first, let exchanged = exchange(block, next) {
        result.append(exchanged)
        blocks.removeFirst()
      } else {
        result += edits(of: block)
      }
    }
    return result
  }

  /// Two neighbouring blocks with one arm too many each, the other's: two rows changed places.
  private func exchange(_ first: BlockPattern.Block, _ second: BlockPattern.Block) -> BlockStructure
    .Violation?
  {
    guard first.isComplete, first.excess.reduce(0, +) == 1, first.deficit.reduce(0, +) == 1,
      first.excess == second.deficit || !second.isComplete, second.excess == first.deficit
    else { return nil }
    let over = first.excess.firstIndex(of: 1)!
    let under = first.deficit.firstIndex(of: 1)!
    guard let last = first.range.last(where: { Int(arm[$0]) == over }),
      let early = second.range.first(where: { Int(arm[$0]) == under })
    else { return nil }
    return BlockStructure.Violation(
      position: rows[last], edit: .exchange(with: rows[early]),
      alternatives: [])
  }

  private func edits(of block: BlockPattern.Block) -> [BlockStructure.Violation] {
    var lacking = block.deficit.enumerated().flatMap { arm, count in [Int](repeating: arm, count: count) }
    if !block.isComplete {
      // Where an unfinished block holds too many of one arm, the others have room for them.
      let most = block.excess.indices.filter { block.excess[$0] == 0 }
      lacking = (0..<block.excess.reduce(0, +)).map { most[$0 % max(1, most.count)] }
    }
    var result: [BlockStructure.Violation] = []
    for (over, count) in block.excess.enumerated() where count > 0 {
      let own = block.range.filter { Int(arm[$0]) == over }
      // The block is broken from the first allocation that it has no room for.
      let beyond = own.suffix(count)
      for place in beyond {
        let others = own.filter { $0 != place }.map { rows[$0] }
        let edit: BlockStructure.Violation.Edit =
          lacking.isEmpty ? .remove(arm: over) : .change(from: over, to: lacking.removeFirst())
        result.append(.init(position: rows[place], edit: edit, alternatives: others))
      }
    }
    for arm in lacking where block.isComplete {
      result.append(
        .init(position: rows[block.range.upperBound - 1], edit: .insert(arm: arm), alternatives: []))
    }
    return result
  }
}
