// What better-sqlite3 12 is compiled with on Node 24.19 and later 24.x, in place of Node's <node_object_wrap.h>, whose
// ObjectWrap ends the process when a statement is garbage-collected: see docs/decisions/016-object-wrap.md.
// scripts/setup has the compiler include this first; on any other Node it does nothing.
#include <node_version.h>

#if NODE_MAJOR_VERSION == 24 && NODE_MINOR_VERSION >= 19 && !defined(SRC_NODE_OBJECT_WRAP_H_)
#define SRC_NODE_OBJECT_WRAP_H_

#include <node.h>

namespace node {

// A C++ object that lives as long as the JavaScript object that wraps it, as in Node 20 and 22: without a clean-up hook
// of its own, which can not be taken back while garbage is collected.
class ObjectWrap {
 public:
  virtual ~ObjectWrap() {
    handle_.Reset();
  }

  template <class T>
  static T* Unwrap(v8::Local<v8::Object> holder) {
    return static_cast<T*>(static_cast<ObjectWrap*>(holder->GetAlignedPointerFromInternalField(0)));
  }

 protected:
  void Wrap(v8::Local<v8::Object> holder) {
    holder->SetAlignedPointerInInternalField(0, this);
    handle_.Reset(v8::Isolate::GetCurrent(), holder);
    handle_.SetWeak(this, Collected, v8::WeakCallbackType::kParameter);
  }

 private:
  // V8 asks that the handle is reset before anything else.
  static void Collected(const v8::WeakCallbackInfo<ObjectWrap>& info) {
    ObjectWrap* wrap = info.GetParameter();
    wrap->handle_.Reset();
    delete wrap;
  }

  v8::Global<v8::Object> handle_;
};

}  // namespace node

#endif
