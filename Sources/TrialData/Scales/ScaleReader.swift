/// Reads the scales of a codebook's file.
struct ScaleReader {
  let faults: YAMLFaults
  /// The columns that the file declares.
  let declared: [CodebookColumn]

  private var columns: [String] { declared.map(\.name) }

  func scale(_ mapping: YAMLMapping) -> Scale? {
    defer { mapping.finish() }
    let instrument = mapping.choice("instrument", Instrument.self)
    let items = mapping.texts("items")
    for item in items where !columns.contains(item.value) { mapping.noteUnknown(item, among: columns) }
    var named: Set<String> = []
    for item in items where !named.insert(item.value).inserted {
      faults.note("the item '\(item.value)' twice", expected: "distinct columns expected", at: item.place)
    }
    let name = mapping.text("name")?.value ?? instrument?.defaultName
    guard let name else {
      faults.note("no 'name'", expected: "a name, or an instrument, expected", at: mapping.place)
      return nil
    }
    var scale = instrument.map { shipped($0, name: name, items, mapping) } ?? own(name: name, items, mapping)
    scale.label = mapping.wording("label") ?? scale.label
    scale.sex = sex(mapping)
    scale.visualAnalogue = visualAnalogue(mapping, instrument)
    readMissingRule(mapping, &scale)
    if mapping.has("bands") { scale.bands = bands(mapping) }
    if mapping.has("cut-offs") { scale.cutOffs = cutOffs(mapping) }
    if scale.sex == nil {
      // Limits that depend on sex need a column that tells it; an instrument is scored without them.
      scale.cutOffs.removeAll { if case .bySex = $0.limit { instrument != nil } else { false } }
      if scale.cutOffs.contains(where: { if case .bySex = $0.limit { true } else { false } }) {
        faults.note(
          "cut-offs by sex", expected: "a column under 'sex' expected", at: mapping.place(of: "cut-offs"))
      }
    }
    return scale
  }

  private func shipped(
    _ instrument: Instrument, name: String, _ items: [Placed<String>], _ mapping: YAMLMapping
  ) -> Scale {
    let answers = instrument.answers
    if items.count != answers.count {
      faults.note(
        "\(items.count) items",
        expected: "the \(answers.count) columns of \(instrument.rawValue) in its order expected",
        at: mapping.place(of: "items"))
    }
    return Scale(
      name: name, label: instrument.label, method: instrument.method,
      items: zip(items, answers).map { Scale.Item(column: $0.value, answers: $1) },
      minimumAnswered: answers.count, bands: instrument.bands, cutOffs: instrument.cutOffs,
      parts: items.count == answers.count ? instrument.parts : [], sex: nil, visualAnalogue: nil)
  }

  private func own(name: String, _ items: [Placed<String>], _ mapping: YAMLMapping) -> Scale {
    if items.isEmpty {
      faults.note("no items", expected: "the item columns expected", at: mapping.place(of: "items"))
    }
    let method = mapping.choice("score", Scale.Method.self)
    if method == nil, !mapping.has("score") {
      faults.note("no 'score'", expected: "sum, mean or profile expected", at: mapping.place)
    }
    let answers = answers(mapping)
    let reversed = mapping.texts("reversed")
    for item in reversed where !items.map(\.value).contains(item.value) {
      mapping.noteUnknown(item, among: items.map(\.value))
    }
    let reversedNames = Set(reversed.map(\.value))
    return Scale(
      name: name, label: Wording(name), method: method ?? .sum,
      items: items.map {
        Scale.Item(column: $0.value, answers: answers, isReversed: reversedNames.contains($0.value))
      },
      minimumAnswered: items.count, bands: [], cutOffs: [], sex: nil, visualAnalogue: nil)
  }

  private func answers(_ mapping: YAMLMapping) -> Scale.Answers {
    if mapping.has("values") { return .values(mapping.texts("values").compactMap(mapping.number)) }
    let ends = mapping.texts("range").compactMap { Int($0.value) }
    guard ends.count == 2, ends[0] <= ends[1] else {
      faults.note(
        "no range of answers",
        expected: "range: [smallest, largest] in whole numbers, or values: [...], expected",
        at: mapping.place(of: "range"))
      return .whole(0...0)
    }
    return .whole(ends[0]...ends[1])
  }

  /// Unanswered items are allowed only where the codebook says how many must be answered, and, for a sum, that the rest is
  /// made up by the mean of the answered.
  private func readMissingRule(_ mapping: YAMLMapping, _ scale: inout Scale) {
    let prorates = mapping.bool("prorate") ?? false
    guard let minimum = mapping.integer("minimum-answered") else {
      if prorates {
        faults.note(
          "'prorate' alone", expected: "'minimum-answered' beside it expected",
          at: mapping.place(of: "prorate"))
      }
      return
    }
    let place = mapping.place(of: "minimum-answered")
    if !(1...max(scale.items.count, 1)).contains(minimum) {
      faults.note("found \(minimum)", expected: "a number from 1 to \(scale.items.count) expected", at: place)
    } else if scale.method == .profile, minimum < scale.items.count {
      faults.note(
        "a profile with unanswered items", expected: "all \(scale.items.count) answered expected", at: place)
    } else if scale.method == .sum, minimum < scale.items.count, !prorates {
      faults.note(
        "a sum with unanswered items", expected: "'prorate: true' expected, since unanswered is not 0",
        at: place)
    } else {
      scale.minimumAnswered = minimum
    }
  }

  private func bands(_ mapping: YAMLMapping) -> [Scale.Band] {
    let bands = mapping.mappings("bands").compactMap { band -> Scale.Band? in
      defer { band.finish() }
      if !band.has("from") {
        faults.note("no 'from'", expected: "the smallest score of the band expected", at: band.place)
      }
      guard let from = band.number("from"), let label = band.wording("label") else { return nil }
      return Scale.Band(from: from, label: label)
    }
    for (a, b) in zip(bands, bands.dropFirst()) where a.from >= b.from {
      faults.note("bands out of order", expected: "rising limits expected", at: mapping.place(of: "bands"))
    }
    return bands
  }

  private func cutOffs(_ mapping: YAMLMapping) -> [Scale.CutOff] {
    mapping.mappings("cut-offs").compactMap { cutOff in
      defer { cutOff.finish() }
      guard let name = cutOff.requiredText("name") else { return nil }
      let label = cutOff.wording("label") ?? Wording(name.value)
      if let women = cutOff.number("women"), let men = cutOff.number("men") {
        return Scale.CutOff(name: name.value, limit: .bySex(women: women, men: men), label: label)
      }
      guard let limit = cutOff.number("at-least") else {
        if !cutOff.has("at-least") {
          faults.note("no limit", expected: "'at-least', or 'women' and 'men', expected", at: cutOff.place)
        }
        return nil
      }
      return Scale.CutOff(name: name.value, limit: .all(limit), label: label)
    }
  }

  private func sex(_ mapping: YAMLMapping) -> Scale.Sex? {
    guard mapping.has("sex"), let sex = mapping.mapping("sex") else { return nil }
    defer { sex.finish() }
    guard let column = sex.requiredText("column"), let women = sex.requiredText("women"),
      let men = sex.requiredText("men")
    else { return nil }
    if let declared = declared.first(where: { $0.name == column.value }) {
      // A misspelt level would leave every cut-off of that sex empty.
      let levels = declared.levels.map(\.value)
      for value in [women, men] where !levels.isEmpty && !levels.contains(value.value) {
        sex.noteUnknown(value, among: levels)
      }
    } else {
      sex.noteUnknown(column, among: columns)
    }
    if women.value == men.value {
      faults.note("'\(men.value)' for men and women", expected: "two values expected", at: men.place)
    }
    return Scale.Sex(column: column.value, women: women.value, men: men.value)
  }

  private func visualAnalogue(_ mapping: YAMLMapping, _ instrument: Instrument?) -> String? {
    guard instrument == .eq5d5l, let column = mapping.text("vas") else { return nil }
    if !columns.contains(column.value) { mapping.noteUnknown(column, among: columns) }
    return column.value
  }
}
