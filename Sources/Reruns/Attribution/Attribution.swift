/// Finds out which ingredient each change comes from, by runs in which one at a time is replaced.
///
/// With A the first run and B the second, `rerun([])` repeats A and `rerun(all)` repeats B with the software at hand. An
/// ingredient that moves a number when it alone is replaced in A is its cause; where none does (two ingredients that only
/// work together), those whose return to A's moves it in B are. What the reruns do not explain comes from what cannot be
/// replaced: software, platform, BLAS.
struct Attribution {
  /// Why an item changed.
  enum Finding: Equatable, Sendable {
    /// Places among the ingredients; more than one where they act on it together or one after another.
    case causes([Int])
    /// By hashes alone: one or more of these.
    case candidates([Int])
    /// The same ingredients gave another result: a file was edited after its run.
    case unexplained
  }

  let ingredients: [Ingredient]
  let old: RunItems
  let new: RunItems
  let changed: [RunItems.Key]
  /// The items of a run of A's ingredients with some replaced by B's; nil where such a run is not possible.
  let rerun: (Set<Int>) -> RunItems?

  private var replaceable: [Int] { ingredients.indices.filter { ingredients[$0].isReplaceable } }
  private var fixed: [Int] { ingredients.indices.filter { !ingredients[$0].isReplaceable } }

  /// The cause of every changed item, by reruns.
  ///
  /// - Returns: nil where the two runs cannot be repeated.
  func byReruns() -> [RunItems.Key: Finding]? {
    let all = replaceable
    guard let base = rerun([]), let full = all.isEmpty ? base : rerun(Set(all)) else { return nil }
    let moving = changed.filter { base.texts[$0] != full.texts[$0] }
    var findings: [RunItems.Key: [Int]] = attribute(moving, base, full, all)
    // What repeating a run does not give again is not of its ingredients' making.
    for key in changed where base.texts[key] != old.texts[key] || full.texts[key] != new.texts[key] {
      findings[key, default: []] += fixed
    }
    var result: [RunItems.Key: Finding] = [:]
    for key in changed {
      let causes = findings[key] ?? []
      result[key] = causes.isEmpty ? .unexplained : .causes(causes.sorted())
    }
    return result
  }

  private func attribute(
    _ moving: [RunItems.Key], _ base: RunItems, _ full: RunItems, _ all: [Int]
  ) -> [RunItems.Key: [Int]] {
    var findings: [RunItems.Key: [Int]] = [:]
    guard all.count > 1 else {
      for key in moving { findings[key] = all }
      return findings
    }
    let singles = all.map { ($0, rerun([$0])) }
    for key in moving {
      let movers = singles.filter { $0.1 != nil && $0.1!.texts[key] != base.texts[key] }
      let sufficient = movers.filter { $0.1!.texts[key] == full.texts[key] }
      findings[key] = (sufficient.count == 1 ? sufficient : movers).map(\.0)
    }
    let open = moving.filter { findings[$0]!.isEmpty }
    guard !open.isEmpty else { return findings }
    let returns = all.map { ($0, rerun(Set(all).subtracting([$0]))) }
    for key in open {
      let movers = returns.filter { $0.1 == nil || $0.1!.texts[key] != full.texts[key] }.map(\.0)
      findings[key] = movers.isEmpty ? all : movers
    }
    return findings
  }

  /// The cause of every changed item as far as hashes tell: the ingredients that differ and can touch it.
  func byHashes() -> [RunItems.Key: Finding] {
    var result: [RunItems.Key: Finding] = [:]
    for key in changed {
      let able = ingredients.indices.filter { canTouch(ingredients[$0], key) }
      result[key] = able.isEmpty ? .unexplained : able.count == 1 ? .causes(able) : .candidates(able)
    }
    return result
  }

  private func canTouch(_ ingredient: Ingredient, _ key: RunItems.Key) -> Bool {
    switch ingredient {
    case .language: return key.kind != .record
    case .seed:
      guard key.kind == .record else { return true }
      // A record that random numbers went into names their seed.
      return [old, new].contains { $0.texts[key]?.contains("\"seed\":") ?? false }
    case .plan(let change):
      switch (change.path.steps.first, change.path.steps.dropFirst().first) {
      case (.key("analyses"), .element(let id)):
        let owners = (old.analyses[key] ?? []).union(new.analyses[key] ?? [])
        return owners.isEmpty || owners.contains(id)
      case (.key("rounding"), _), (.key("tables"), _), (.key("figures"), _), (.key("published"), _):
        return key.kind != .record
      case (.key("verify"), _): return false
      default: return true
      }
    default: return true
    }
  }
}
