import Serialisation

/// The things of a run that a change can be seen in, each with a text that is equal where nothing changed.
struct RunItems {
  enum Kind: Sendable { case record, cell, figure }

  struct Key: Hashable, Sendable {
    var kind: Kind
    var name: String
  }

  private(set) var keys: [Key] = []
  private(set) var texts: [Key: String] = [:]
  /// The analyses that an item belongs to; empty where that is not known.
  private(set) var analyses: [Key: Set<String>] = [:]

  init(_ contents: RunContents) {
    func add(_ key: Key, _ text: String) {
      keys.append(key)
      texts[key] = text
    }
    for id in contents.ids {
      let key = Key(kind: .record, name: id)
      add(key, contents.records[id]!.text(indented: false))
      analyses[key] = [contents.records[id]!["analysis"]?.text ?? ""]
    }
    for (name, cell) in contents.cells {
      let key = Key(kind: .cell, name: name)
      add(key, cell.text)
      analyses[key] = Set(cell.records.compactMap { contents.records[$0]?["analysis"]?.text })
    }
    for path in contents.figures.keys.sorted() {
      add(Key(kind: .figure, name: path), contents.figures[path]!)
    }
  }

  /// The items in which two runs differ, in the order of the first.
  static func changed(_ old: RunItems, _ new: RunItems) -> [Key] {
    (old.keys + new.keys.filter { old.texts[$0] == nil }).filter { old.texts[$0] != new.texts[$0] }
  }
}
