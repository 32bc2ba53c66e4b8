# Man pages and shell completions.
file(GLOB AIGW_MAN1 CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/man/*.1)
file(GLOB AIGW_MAN5 CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/man/*.5)
install(FILES ${AIGW_MAN1} DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES ${AIGW_MAN5} DESTINATION ${CMAKE_INSTALL_MANDIR}/man5)
install(FILES ${CMAKE_SOURCE_DIR}/cmd/completion/aigw.bash
  DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME aigw)
install(FILES ${CMAKE_SOURCE_DIR}/cmd/completion/_aigw
  DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions)
install(FILES ${CMAKE_SOURCE_DIR}/cmd/completion/aigw.fish
  DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
