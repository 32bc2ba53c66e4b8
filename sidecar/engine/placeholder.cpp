namespace aigw::engine {}
